using System.Globalization;
using System.Text.RegularExpressions;
using CdcDms.DuckDb;
using DuckDB.NET.Native;

namespace CdcDms.Pipeline.BinaryCopy;

/// <summary>
/// How the values of a column cross from DuckDB's memory into the staging table: the one place that says which type of PostgreSQL a
/// type of DuckDB is.
/// </summary>
/// <param name="Type">DuckDB's type, as a result names it.</param>
/// <param name="Name">The same type, as DuckDB's SQL names it.</param>
/// <param name="PostgresType">The natural type for it in PostgreSQL: that of the staging column, and of a target's new column.</param>
/// <param name="Write">Writes the value of a row that is not NULL.</param>
internal sealed partial record StagedType(DuckDBType Type, string Name, string PostgresType, FieldWriter Write)
{
    /// <summary>DuckDB's name of the type of a column without any value: a writer may have given it any other.</summary>
    public const string OfNulls = "\"NULL\"";

    private const string Decimal = "DECIMAL";

    // DuckDB's decimals are at most 16 bytes long; the bytes of a longer one it takes for a DOUBLE, without a word.
    private const int MostDigits = 38;

    private static readonly StagedType[] All =
    [
        new(DuckDBType.Boolean, "BOOLEAN", "boolean", FieldWriters.Boolean),
        new(DuckDBType.SmallInt, "SMALLINT", "smallint", FieldWriters.TwoBytes) { Holds = ["TINYINT", "UTINYINT"] },
        new(DuckDBType.Integer, "INTEGER", "integer", FieldWriters.FourBytes) { Holds = ["USMALLINT"] },
        new(DuckDBType.BigInt, "BIGINT", "bigint", FieldWriters.EightBytes) { Holds = ["UINTEGER"] },
        new(DuckDBType.HugeInt, "HUGEINT", "numeric", FieldWriters.Numeric16(scale: 0)) { Holds = ["UBIGINT"] },
        // Big-endian bits: a float is sent as the integer with its bits.
        new(DuckDBType.Float, "FLOAT", "real", FieldWriters.FourBytes),
        new(DuckDBType.Double, "DOUBLE", "double precision", FieldWriters.EightBytes),
        new(DuckDBType.Date, "DATE", "date", FieldWriters.Date),
        // Parquet's times that are adjusted to UTC have no other zone.
        new(DuckDBType.Time, "TIME", "time", FieldWriters.EightBytes) { Holds = ["TIME WITH TIME ZONE", "TIME_NS"] },
        new(DuckDBType.Timestamp, "TIMESTAMP", "timestamp", FieldWriters.Timestamp)
        {
            Holds = ["TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"],
        },
        new(DuckDBType.TimestampTz, "TIMESTAMP WITH TIME ZONE", "timestamptz", FieldWriters.Timestamp),
        new(DuckDBType.Varchar, "VARCHAR", "text", FieldWriters.Bytes) { Holds = ["UUID", "JSON", OfNulls] },
        new(DuckDBType.Blob, "BLOB", "bytea", FieldWriters.Bytes),
    ];

    /// <summary>
    /// DuckDB's names of other types, every value of which is one of this type, to the microsecond, which is all that
    /// PostgreSQL has.
    /// </summary>
    private IReadOnlyList<string> Holds { get; init; } = [];

    /// <summary>The type of a column that <see cref="Readable"/> has made one of these types.</summary>
    /// <returns>Null when it is none of them.</returns>
    public static StagedType? Of(DuckDbColumn column) => column.Type == DuckDBType.Decimal
        ? new(column.Type, Decimal, "numeric", FieldWriters.Decimal(column.Precision, column.Scale))
        : Array.Find(All, staged => staged.Type == column.Type);

    /// <summary>A DuckDB expression for a column, of a type that <see cref="Of"/> knows, with the same values.</summary>
    public static string Readable(string expression, string fileType) =>
        Array.Find(All, staged => staged.Holds.Contains(fileType)) is { } holder ? $"CAST({expression} AS {holder.Name})" : expression;

    /// <summary>The natural type in PostgreSQL for a file's column.</summary>
    /// <param name="fileType">The column's type, as DuckDB's SQL names it.</param>
    /// <returns>Null for a type whose values cannot be read: a list, a map, a struct, or a decimal of more than 38 digits.</returns>
    public static string? PostgresTypeOf(string fileType)
    {
        if (DecimalPattern().Match(fileType) is { Success: true } match)
            return int.Parse(match.Groups["precision"].ValueSpan, CultureInfo.InvariantCulture) <= MostDigits
                ? "numeric" + fileType[Decimal.Length..]
                : null;
        return Array.Find(All, staged => staged.Name == fileType || staged.Holds.Contains(fileType))?.PostgresType;
    }

    [GeneratedRegex(@"^DECIMAL\((?<precision>\d+),\d+\)$", RegexOptions.CultureInvariant)]
    private static partial Regex DecimalPattern();
}
