using System.Globalization;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Catalog;

namespace CdcDms.Pipeline.Preflight;

/// <summary>A type that holds what a column of a target does not.</summary>
/// <param name="Type">The type.</param>
/// <param name="IsRounded">Whether the target's column rounds or cuts a value; otherwise it refuses the value.</param>
internal sealed record WiderType(string Type, bool IsRounded);

/// <summary>
/// Lengths and precisions of a target's column against those of the source's, where the merge does not widen the column by itself: it
/// compares types as files have them, and a file's text has no length.
/// </summary>
internal static class TargetWidth
{
    private const int Header = 4;
    private const int Microseconds = 6;
    private const int Unlimited = int.MaxValue;

    // Of what DMS writes of a time (docs/dms-contract.md#parquet-types).
    private const int Milliseconds = 3;

    /// <summary>The type that the target's column should have; null when it holds all that the source's does.</summary>
    public static WiderType? Wanted(TableColumn from, AlterableColumn to) => to.BaseTypeName switch
    {
        "name" => LengthOf(from) > LengthOf("name", to.Modifier) ? new WiderType("text", IsRounded: true) : null,
        "varchar" or "bpchar" => LengthOf(from) is { } length && length > LengthOf(to.BaseTypeName, to.Modifier)
            ? new WiderType(Text(from, to, length), IsRounded: false) : null,
        "bit" => from.BaseTypeName is "bit" or "varbit" && from.Modifier != to.Modifier
            ? new WiderType("bit varying", IsRounded: false) : null,
        "varbit" => from.BaseTypeName is "bit" or "varbit" && to.Modifier >= 0 && Bits(from.Modifier) > to.Modifier
            ? new WiderType("bit varying", IsRounded: false) : null,
        "numeric" => NumericModifier.Read(to.Modifier) is { } held ? OfNumeric(from, held) : null,
        "timestamp" or "timestamptz" => from.BaseTypeName is "timestamp" or "timestamptz"
            && to.Modifier >= 0 && to.Modifier < Precision(from)
            ? new WiderType(OfTime(to), IsRounded: true) : null,
        "time" or "timetz" => from.BaseTypeName is "time" or "timetz"
            && to.Modifier >= 0 && to.Modifier < Math.Min(Precision(from), Milliseconds)
            ? new WiderType(OfTime(to), IsRounded: true) : null,
        "interval" => from.BaseTypeName is "interval" && to.Modifier >= 0 && to.Modifier != from.Modifier
            ? new WiderType("interval", IsRounded: true) : null,
        _ => null,
    };

    /// <summary>Most digits of an integer type; null for another one.</summary>
    public static int? DigitsOf(string typeName) => typeName switch { "int2" => 5, "int4" => 10, "int8" => 19, _ => null };

    private static int? LengthOf(TableColumn from) => LengthOf(from.BaseTypeName, from.Modifier);

    private static int? LengthOf(string typeName, int modifier) => typeName switch
    {
        "varchar" or "bpchar" => modifier < 0 ? Unlimited : modifier - Header,
        "name" => 63,
        "uuid" => 36,
        "text" or "citext" or "json" or "jsonb" or "xml" => Unlimited,
        _ => null,
    };

    private static string Text(TableColumn from, AlterableColumn to, int length) => length is Unlimited ? "text"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{((from.BaseTypeName, to.BaseTypeName) is ("bpchar", "bpchar") ? "character" : "character varying")}({length})");

    private static int Bits(int modifier) => modifier < 0 ? Unlimited : modifier;

    private static WiderType? OfNumeric(TableColumn from, NumericModifier held)
    {
        var wanted = DigitsOf(from.BaseTypeName) is { } digits ? new NumericModifier(digits, 0)
            // One that DMS carries as a number has its digits in the file, and the merge sees them.
            : from.BaseTypeName == "numeric" && NumericModifier.CarriedByDms(from.Modifier) is null ? NumericModifier.Read(from.Modifier)
            : null;
        if (wanted is not var (precision, scale) || (held.Precision - held.Scale >= precision - scale && held.Scale >= scale))
            return null;
        var widest = Math.Max(scale, held.Scale);
        var all = Math.Max(precision - scale, held.Precision - held.Scale) + widest;
        return new WiderType(
            all <= NumericModifier.MostDigits ? $"numeric{new NumericModifier(all, widest)}" : "numeric", IsRounded: held.Scale < scale);
    }

    private static int Precision(TableColumn from) => from.Modifier < 0 ? Microseconds : from.Modifier;

    private static string OfTime(AlterableColumn to) => to.BaseTypeName switch
    {
        "timestamp" => "timestamp without time zone",
        "timestamptz" => "timestamp with time zone",
        "time" => "time without time zone",
        _ => "time with time zone",
    };
}
