using System.Globalization;

namespace CdcDms.Pipeline.Catalog;

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

    /// <summary>As SQL writes it behind <c>numeric</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"({Precision},{Scale})");
}
