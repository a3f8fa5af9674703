using System.Globalization;

namespace CdcDms.Contract.Tables;

/// <summary>Precision and scale of a <c>numeric(precision, scale)</c>.</summary>
/// <param name="Precision">Number of digits that are kept.</param>
/// <param name="Scale">How many of them stand after the point; negative when digits before the point are rounded away.</param>
/// <remarks>
/// PostgreSQL keeps both in one number: ((precision &lt;&lt; 16) | (scale &amp; 0x7ff)) + 4 (numeric.c, make_numeric_typmod).
/// </remarks>
public readonly record struct NumericModifier(int Precision, int Scale)
{
    /// <summary>The type modifier of a type without digits.</summary>
    public const int None = -1;

    /// <summary>Most digits that a precision may state.</summary>
    public const int MostDigits = 1000;

    /// <summary>Most digits that DMS carries as a number (docs/dms-contract.md#postgresql-types).</summary>
    public const int MostDigitsOfDms = 38;

    /// <summary>What DMS makes of a numeric without precision and scale: it cuts what does not fit.</summary>
    public static readonly NumericModifier UnboundedByDms = new(28, 6);

    private const int Offset = 4;

    /// <summary>The type modifier (<c>atttypmod</c>).</summary>
    public int Packed => ((Precision << 16) | (Scale & 0x7ff)) + Offset;

    /// <summary>Reads a type modifier (<c>atttypmod</c>).</summary>
    /// <returns>Null for a numeric without precision.</returns>
    public static NumericModifier? Read(int modifier)
    {
        if (modifier < Offset)
            return null;
        var packed = modifier - Offset;
        // The eleven bits of the scale are signed.
        return new NumericModifier((packed >> 16) & 0xffff, ((packed & 0x7ff) ^ 0x400) - 0x400);
    }

    /// <summary>The digits with which DMS carries a numeric of a modifier; null when it carries the number as text.</summary>
    public static NumericModifier? CarriedByDms(int modifier)
    {
        if (Read(modifier) is not var (precision, scale))
            return UnboundedByDms;
        // A negative scale has more digits than its precision says, a scale above the precision none before the point.
        var digits = Math.Max(precision - Math.Min(scale, 0), scale);
        return digits <= MostDigitsOfDms ? new NumericModifier(digits, Math.Max(scale, 0)) : null;
    }

    /// <summary>As SQL writes it behind <c>numeric</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"({Precision},{Scale})");
}
