using System.Globalization;
using System.Text.RegularExpressions;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Evolution;

/// <summary>Whether every value that a column of a file can hold fits into a column of the target, unchanged.</summary>
internal abstract partial record ColumnFit
{
    private static readonly string[] Integers = ["smallint", "integer", "bigint"];

    private ColumnFit()
    {
    }

    /// <summary>It does, or PostgreSQL refuses a value that does not.</summary>
    public sealed record Fits : ColumnFit;

    /// <summary>It does once the target's column has another type, to which PostgreSQL converts without losing anything.</summary>
    public sealed record Widens(string Type) : ColumnFit;

    /// <summary>Values would change on the way, or there is no way.</summary>
    public sealed record Loses : ColumnFit;

    /// <summary>Compares a file's column, of a type as DuckDB names it, with the target's.</summary>
    public static ColumnFit Of(string fileType, TargetColumn column)
    {
        var type = column.Type;
        // PostgreSQL reads every type from text, and refuses what it cannot read; and it writes all but bytes as text.
        if (fileType == "VARCHAR" || (type is "text" or "character varying" or "character" && fileType != "BLOB"))
            return new Fits();
        if (Decimal().Match(fileType) is { Success: true } match)
            return OfDecimal(Number(match.Groups["precision"]), Number(match.Groups["scale"]), column);
        return fileType switch
        {
            "BOOLEAN" => When(type is "boolean"),
            "TINYINT" or "UTINYINT" or "SMALLINT" => OfInteger(0, type, orFits: type is "real" or "double precision"),
            "USMALLINT" or "INTEGER" => OfInteger(1, type, orFits: type is "double precision"),
            "UINTEGER" or "BIGINT" => OfInteger(2, type, orFits: false),
            "UBIGINT" or "HUGEINT" => When(type is "numeric"),
            "FLOAT" => When(type is "real" or "double precision"),
            "DOUBLE" => type is "real" ? new Widens("double precision") : When(type is "double precision"),
            "DATE" => When(type is "date" || type.StartsWith("timestamp", StringComparison.Ordinal)),
            "TIME" => When(type.StartsWith("time ", StringComparison.Ordinal) || type is "interval"),
            "BLOB" => When(type is "bytea"),
            _ when fileType.StartsWith("TIMESTAMP", StringComparison.Ordinal) => When(type.StartsWith("timestamp", StringComparison.Ordinal)),
            _ => new Loses(),
        };
    }

    /// <summary>The type that a column gets which the target does not have yet.</summary>
    public static string TypeOf(string fileType) => fileType switch
    {
        "BOOLEAN" => "boolean",
        "TINYINT" or "UTINYINT" or "SMALLINT" => "smallint",
        "USMALLINT" or "INTEGER" => "integer",
        "UINTEGER" or "BIGINT" => "bigint",
        "UBIGINT" or "HUGEINT" => "numeric",
        "FLOAT" => "real",
        "DOUBLE" => "double precision",
        "DATE" => "date",
        "TIME" => "time",
        "BLOB" => "bytea",
        "TIMESTAMP WITH TIME ZONE" => "timestamptz",
        _ when fileType.StartsWith("DECIMAL", StringComparison.Ordinal) => "numeric" + fileType["DECIMAL".Length..],
        _ when fileType.StartsWith("TIMESTAMP", StringComparison.Ordinal) => "timestamp",
        _ => "text",
    };

    private static ColumnFit OfInteger(int size, string type, bool orFits) => Array.IndexOf(Integers, type) switch
    {
        // A number too large for a numeric's precision, or for the other types, is refused and not cut.
        < 0 => When(orFits || type is "numeric" or "money" or "oid"),
        var held when held < size => new Widens(Integers[size]),
        _ => new Fits(),
    };

    private static ColumnFit OfDecimal(int precision, int scale, TargetColumn column)
    {
        if (column.Type is "money")
            return new Fits();
        if (column.Type is not "numeric")
            return When(scale == 0 && Integers.Contains(column.Type));
        if (NumericModifier.Read(column.Modifier) is not var (heldPrecision, heldScale))
            return new Fits();
        if (heldScale >= scale && heldPrecision - heldScale >= precision - scale)
            return new Fits();
        var widest = Math.Max(heldScale, scale);
        return new Widens(string.Create(CultureInfo.InvariantCulture, $"numeric({Math.Max(heldPrecision - heldScale, precision - scale) + widest},{widest})"));
    }

    private static ColumnFit When(bool fits) => fits ? new Fits() : new Loses();

    private static int Number(Group digits) => int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^DECIMAL\((?<precision>\d+),(?<scale>\d+)\)$", RegexOptions.CultureInvariant)]
    private static partial Regex Decimal();
}
