using System.Globalization;
using System.Text.RegularExpressions;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.BinaryCopy;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Evolution;

/// <summary>Whether every value that a column of a file can hold fits into a column of the target, unchanged.</summary>
internal abstract partial record ColumnFit
{
    private static readonly string[] Integers = ["smallint", "integer", "bigint"];
    private static readonly int[] IntegerDigits = [5, 10, 19];

    private ColumnFit()
    {
    }

    /// <summary>Every value fits, or PostgreSQL refuses the one that does not.</summary>
    public sealed record Fits : ColumnFit;

    /// <summary>Every value fits once the target's column has a wider type, to which PostgreSQL converts without losing anything.</summary>
    /// <param name="Type">The wider type, with neither length nor scale.</param>
    /// <param name="Digits">The digits of a <c>numeric</c>; null for another type.</param>
    public sealed record Widens(string Type, NumericModifier? Digits) : ColumnFit;

    /// <summary>Values would change on the way, or there is no way.</summary>
    public sealed record Loses : ColumnFit;

    /// <summary>Compares a file's column, of a type as DuckDB names it, with the target's.</summary>
    public static ColumnFit Of(string fileType, TargetColumn column)
    {
        var type = column.Type;
        // PostgreSQL reads every type from text, and refuses what it cannot read; and it writes all but bytes as text. A NULL is of any.
        if (fileType is "VARCHAR" or StagedType.OfNulls || (type is "text" or "character varying" or "character" && fileType != "BLOB"))
            return new Fits();
        if (Decimal().Match(fileType) is { Success: true } match)
            return OfDecimal(Number(match.Groups["precision"]), Number(match.Groups["scale"]), column);
        // Every value of the file's column fits into its natural type in PostgreSQL, so that type is compared with the target's.
        return StagedType.PostgresTypeOf(fileType) switch
        {
            "boolean" => When(type is "boolean"),
            "smallint" => OfInteger(0, column, orFits: type is "real" or "double precision"),
            "integer" => OfInteger(1, column, orFits: type is "double precision"),
            "bigint" => OfInteger(2, column, orFits: false),
            "numeric" => When(type is "numeric"),
            "real" => When(type is "real" or "double precision"),
            "double precision" => type is "real" ? new Widens("double precision", null) : When(type is "double precision"),
            "date" => When(type is "date" || type.StartsWith("timestamp", StringComparison.Ordinal)),
            "time" => When(type.StartsWith("time ", StringComparison.Ordinal) || type is "interval"),
            "timestamp" or "timestamptz" => When(type.StartsWith("timestamp", StringComparison.Ordinal)),
            "bytea" => When(type is "bytea"),
            _ => new Loses(),
        };
    }

    /// <summary>A column that a target gets for one of files; null when their values cannot be read.</summary>
    public static TargetColumn? NewColumn(string name, string fileType)
    {
        if (StagedType.PostgresTypeOf(fileType) is not { } type)
            return null;
        var digits = Decimal().Match(fileType) is { Success: true } match
            ? new NumericModifier(Number(match.Groups["precision"]), Number(match.Groups["scale"]))
            : (NumericModifier?)null;
        type = digits is not null ? "numeric" : type is "time" ? "time without time zone" : type;
        return new TargetColumn(name, name, type, IsKey: false, KeyIsPlain: true, Collate: "", NullMayMeanUnchanged: false)
        {
            CastType = type,
            Modifier = digits?.Packed ?? NumericModifier.None,
            Default = TargetColumn.NoDefault,
            IsAlwaysIdentity = false,
            TypeIsGiven = false,
        };
    }

    private static ColumnFit OfInteger(int size, TargetColumn column, bool orFits) => Array.IndexOf(Integers, column.Type) switch
    {
        // A number too large for a numeric's precision, or for the other types, is refused and not cut, but a negative scale rounds.
        < 0 when column.Type is "numeric" && NumericModifier.Read(column.Modifier) is { Scale: < 0 } =>
            OfDecimal(IntegerDigits[size], scale: 0, column),
        // PostgreSQL has no cast from smallint to money, and of integers only bigint to oid refuses what is negative.
        < 0 => When(orFits || column.Type is "numeric" || (column.Type is "money" && size > 0) || (column.Type is "oid" && size == 2)),
        var held when held < size => new Widens(Integers[size], null),
        _ => new Fits(),
    };

    private static ColumnFit OfDecimal(int precision, int scale, TargetColumn column)
    {
        // DMS writes every money with four digits after the point, of which PostgreSQL has two.
        if (column.Type is "money")
            return When(scale <= 2 || (precision, scale) is (38, 4));
        if (column.Type is not "numeric")
            return When(scale == 0 && Integers.Contains(column.Type));
        if (NumericModifier.Read(column.Modifier) is not var (heldPrecision, heldScale))
            return new Fits();
        if (heldScale >= scale && heldPrecision - heldScale >= precision - scale)
            return new Fits();
        var widest = Math.Max(heldScale, scale);
        var digitsBefore = Math.Max(heldPrecision - heldScale, precision - scale);
        return digitsBefore + widest > NumericModifier.MostDigits
            ? new Loses()
            : new Widens("numeric", new NumericModifier(digitsBefore + widest, widest));
    }

    private static ColumnFit When(bool fits) => fits ? new Fits() : new Loses();

    private static int Number(Group digits) => int.Parse(digits.ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^DECIMAL\((?<precision>\d+),(?<scale>\d+)\)$", RegexOptions.CultureInvariant)]
    private static partial Regex Decimal();
}
