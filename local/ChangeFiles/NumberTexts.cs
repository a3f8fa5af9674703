using System.Globalization;
using System.Numerics;

namespace CdcDms.Local.ChangeFiles;

/// <summary>PostgreSQL's texts of booleans and numbers.</summary>
internal static class NumberTexts
{
    // The most that a long holds for certain, whatever the digits.
    private const int LongDigits = 18;

    /// <summary>A boolean: <c>t</c> or <c>f</c>.</summary>
    public static bool TryBoolean(ReadOnlySpan<byte> text, out bool value)
    {
        value = text is [(byte)'t'];
        return value || text is [(byte)'f'];
    }

    /// <summary>A whole number.</summary>
    public static bool TryWhole<T>(ReadOnlySpan<byte> text, out T value) where T : struct, IBinaryInteger<T> =>
        T.TryParse(text, CultureInfo.InvariantCulture, out value);

    /// <summary>A floating-point number, <c>NaN</c> or <c>Infinity</c>.</summary>
    public static bool TryFloating<T>(ReadOnlySpan<byte> text, out T value) where T : struct, IFloatingPointIeee754<T>
    {
        var known = T.TryParse(text, CultureInfo.InvariantCulture, out value);
        // .NET's own NaN has a minus sign, PostgreSQL's has none.
        if (T.IsNaN(value))
            value = T.Abs(value);
        return known;
    }

    /// <summary>
    /// A decimal number, or money in the C locale (<c>-$1,234.50</c>), as a whole number: the value times ten to the power of the scale.
    /// What is beyond the scale is rounded, half away from zero.
    /// </summary>
    /// <param name="text">PostgreSQL's text.</param>
    /// <param name="precision">Digits in all, 1 to 38.</param>
    /// <param name="scale">Digits after the point, 0 to <paramref name="precision"/>.</param>
    /// <param name="unscaled">The whole number.</param>
    /// <returns>False for <c>NaN</c>, infinities and numbers of more digits.</returns>
    public static bool TryUnscaled(ReadOnlySpan<byte> text, int precision, int scale, out BigInteger unscaled)
    {
        unscaled = BigInteger.Zero;
        var negative = text.StartsWith("-"u8);
        var point = text.IndexOf((byte)'.');
        var whole = text[(negative ? 1 : 0)..(point < 0 ? text.Length : point)];
        var fraction = point < 0 ? [] : text[(point + 1)..];

        Span<byte> digits = stackalloc byte[precision];
        if (!TryCopyDigits(whole, digits[..(precision - scale)], out var count))
            return false;
        var kept = fraction[..Math.Min(scale, fraction.Length)];
        kept.CopyTo(digits[count..]);
        digits.Slice(count + kept.Length, scale - kept.Length).Fill((byte)'0');

        var magnitude = Parse(digits[..(count + scale)]);
        // The digits of the text fit; only rounding up can give one more (9.99 with a scale of 1).
        var roundsUp = fraction.Length > scale && fraction[scale] >= '5';
        if (roundsUp)
            magnitude++;
        unscaled = negative ? -magnitude : magnitude;
        return !roundsUp || magnitude < BigInteger.Pow(10, precision);
    }

    // Without leading zeros, so that a full span is a full number.
    private static bool TryCopyDigits(ReadOnlySpan<byte> text, Span<byte> digits, out int count)
    {
        count = 0;
        foreach (var character in text)
        {
            if (character is (byte)'$' or (byte)',' || (character == '0' && count == 0))
                continue;
            if (!char.IsAsciiDigit((char)character) || count == digits.Length)
                return false;
            digits[count++] = character;
        }

        return true;
    }

    private static BigInteger Parse(ReadOnlySpan<byte> digits) =>
        digits.IsEmpty ? BigInteger.Zero
        : digits.Length <= LongDigits ? long.Parse(digits, CultureInfo.InvariantCulture)
        : Int128.Parse(digits, CultureInfo.InvariantCulture);
}
