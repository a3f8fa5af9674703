namespace CdcDms.Pipeline.Catalog;

/// <summary>Precision and scale of a <c>numeric(precision, scale)</c>.</summary>
/// <param name="Precision">Number of digits that are kept.</param>
/// <param name="Scale">How many of them stand after the point; negative when digits before the point are rounded away.</param>
/// <remarks>
/// PostgreSQL keeps both in one number: ((precision &lt;&lt; 16) | (scale &amp; 0x7ff)) + 4 (numeric.c, make_numeric_typmod).
/// </remarks>
public readonly record struct NumericModifier(int Precision, int Scale)
{
    private const int Offset = 4;

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
}
