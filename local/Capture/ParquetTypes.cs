using System.Globalization;
using CdcDms.Contract;
using CdcDms.Contract.Changes;
using CdcDms.Pipeline.Catalog;

namespace CdcDms.Local.Capture;

/// <summary>A column of a change file: its name and how DuckDB makes its value from PostgreSQL's text.</summary>
/// <param name="Name">The source column's name.</param>
/// <param name="Type">DuckDB's type, which decides the Parquet type.</param>
/// <param name="Expression">SQL over the text column that <c>{0}</c> stands for.</param>
internal sealed record ParquetColumn(string Name, string Type, string Expression)
{
    /// <summary>The SQL that makes the value from a text column.</summary>
    public string From(string textColumn) => string.Format(CultureInfo.InvariantCulture, Expression, textColumn);
}

/// <summary>
/// The types that DMS gives to PostgreSQL's (docs/dms-contract.md#postgresql-types), with MapBooleanAsBoolean. What is not named here is
/// text in PostgreSQL's own form. The texts are those of the settings that <see cref="Source"/> pins.
/// </summary>
/// <remarks>
/// Lost on the way, as with DMS: digits of an undeclared numeric beyond six decimals, time below the millisecond and the zone of timetz, infinite dates.
/// DMS writes times as TIME_MILLIS; DuckDB knows only TIME_MICROS, so a time has the wider unit here and the same value.
/// </remarks>
internal static class ParquetTypes
{
    private const int MaxDigits = 38;
    private const string Latest = "9999-12-31";
    private const string Earliest = "4713-01-01 (BC)";

    /// <summary>The column for a PostgreSQL type: the OID of a base type (never a domain) and its modifier, -1 for none.</summary>
    public static ParquetColumn Column(string name, uint type, int modifier) => type switch
    {
        16 => Cast(name, "BOOLEAN"),
        17 => new(name, "BLOB", "unhex(substr({0}, 3))"),
        20 => Cast(name, "BIGINT"),
        21 => Cast(name, "SMALLINT"),
        23 => Cast(name, "INTEGER"),
        700 => Cast(name, "FLOAT"),
        701 => Cast(name, "DOUBLE"),
        // DMS trims the padding of char(n) (docs/dms-contract.md#postgresql-types).
        1042 => new(name, "VARCHAR", "rtrim({0}, ' ')"),
        790 => new(name, "DECIMAL(38,4)", "CAST(replace(replace({0}, '$', ''), ',', '') AS DECIMAL(38,4))"),
        1700 => Numeric(name, modifier),
        1082 => new(name, "DATE", Clamped("DATE", "", "CAST(replace({0}, ' BC', ' (BC)') AS DATE)")),
        1114 or 1184 => new(name, "TIMESTAMP", Clamped("TIMESTAMP", " 23:59:59", Timestamp)),
        1083 or 1266 => new(name, "TIME", @"CAST(regexp_extract({0}, '^[0-9:]+(\.[0-9]{{1,3}})?') AS TIME)"),
        1186 => new(name, "VARCHAR", Interval),
        _ => new(name, "VARCHAR", "{0}"),
    };

    // DuckDB reads "BC" in a date but not in a timestamp.
    private const string Timestamp =
        "CASE WHEN suffix({0}, ' BC') THEN CAST(split_part({0}, ' ', 1) || ' (BC)' AS DATE) + CAST(split_part({0}, ' ', 2) AS TIME) ELSE CAST({0} AS TIMESTAMP) END";

    // From ISO 8601 (P1Y2M3DT4H5M6S) to DMS's words. No replacement meets a letter that an earlier one has brought in.
    private const string Interval =
        "CASE WHEN contains({0}, 'infinity') THEN {0} ELSE regexp_replace(rtrim("
        + "replace(replace(replace(replace(split_part({0}, 'T', 1), 'P', ''), 'Y', ' YEARS, '), 'M', ' MONTHS, '), 'D', ' DAYS, ')"
        + " || replace(replace(replace(split_part({0}, 'T', 2), 'S', ' SECONDS, '), 'H', ' HOURS, '), 'M', ' MINUTES, ')"
        + @", ', '), '(^|, )1 ([A-Z]+)S', '\11 \2', 'g') END";

    private static ParquetColumn Cast(string name, string type) => new(name, type, $"CAST({{0}} AS {type})");

    private static ParquetColumn Numeric(string name, int modifier)
    {
        // Without precision and scale DMS takes NUMERIC(28,6).
        if (NumericModifier.Read(modifier) is not var (precision, scale))
            return Cast(name, "DECIMAL(28,6)");
        // A negative scale has more digits than its precision says, a scale above the precision none before the point.
        var digits = Math.Max(precision - Math.Min(scale, 0), scale);
        return digits <= MaxDigits
            ? Cast(name, string.Create(CultureInfo.InvariantCulture, $"DECIMAL({digits},{Math.Max(scale, 0)})"))
            : new ParquetColumn(name, "VARCHAR", "{0}");
    }

    // DMS has no infinity (docs/dms-contract.md#postgresql-types).
    private static string Clamped(string type, string time, string finite) =>
        $"CASE {{0}} WHEN 'infinity' THEN {type} '{Latest}{time}' WHEN '-infinity' THEN CAST(DATE '{Earliest}' AS {type}) ELSE {finite} END";

    /// <summary>Refuses names that a reader of the file could not tell apart.</summary>
    /// <exception cref="CdcDmsException">Two columns differ by case alone, or a column has a name of DMS's own.</exception>
    public static void CheckNames(string table, IReadOnlyList<ParquetColumn> columns)
    {
        var seen = new HashSet<string>([ChangeColumns.Operation, ChangeColumns.Timestamp, ChangeColumns.Version], StringComparer.OrdinalIgnoreCase);
        if (columns.FirstOrDefault(column => !seen.Add(column.Name)) is { } twice)
            throw new CdcDmsException(ErrorKind.BadDefinition,
                $"Table {table} has a column {twice.Name} whose name differs from another column's, or from one that DMS adds, at most by case; rename it at the source.");
    }
}
