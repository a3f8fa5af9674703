using System.Buffers.Binary;
using System.Numerics;

namespace CdcDms.Local.ChangeFiles;

/// <summary>
/// PostgreSQL's binary format of <c>numeric</c> (numeric_send, src/backend/utils/adt/numeric.c): four numbers of 16 bits, which are how
/// many digits follow, the weight of the first one, the sign and the digits after the point that are shown; then the digits, up to 9999.
/// </summary>
internal static class NumericBinary
{
    private const int DigitsAt = 8;
    private const int BytesOnStack = 256;
    private const int DecimalsOfDigit = 4;
    private const int Negative = 0x4000;
    private const int NotANumber = 0xC000;
    private const int Infinite = 0xD000;
    private const int NegativeInfinite = 0xF000;

    /// <summary>Bytes that the text of a value has at most.</summary>
    public static int MostBytes(ReadOnlySpan<byte> value) =>
        "-Infinity".Length + DecimalsOfDigit * (Math.Max((short)Number(value, 1), (short)0) + 2) + Number(value, 3);

    /// <summary>The text that PostgreSQL has for a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="text">Where to; <see cref="MostBytes"/> are enough.</param>
    /// <returns>The bytes of the text; 0 when it is no value.</returns>
    public static int Write(ReadOnlySpan<byte> value, Span<byte> text)
    {
        var sign = Number(value, 2);
        if (sign >= NotANumber)
        {
            var word = sign switch { NotANumber => "NaN"u8, Infinite => "Infinity"u8, NegativeInfinite => "-Infinity"u8, _ => default };
            word.CopyTo(text);
            return word.Length;
        }

        var (weight, shown, length) = ((int)(short)Number(value, 1), Number(value, 3), 0);
        if (sign == Negative)
            text[length++] = (byte)'-';
        var first = length;
        for (var place = weight; place >= 0; place--)
            length += Put(Digit(value, weight - place), text[length..]);
        var zeros = text[first..length].IndexOfAnyExcept((byte)'0');
        if (zeros != 0)
        {
            zeros = zeros < 0 ? length - first : zeros;
            text[(first + zeros)..length].CopyTo(text[first..]);
            length -= zeros;
        }

        if (length == first)
            text[length++] = (byte)'0';
        if (shown == 0)
            return length;
        text[length++] = (byte)'.';
        var point = length;
        for (var place = -1; length < point + shown; place--)
            length += Put(Digit(value, weight - place), text[length..]);
        return point + shown;
    }

    /// <inheritdoc cref="NumberTexts.TryUnscaled"/>
    public static bool TryUnscaled(ReadOnlySpan<byte> value, int precision, int scale, out BigInteger unscaled)
    {
        unscaled = BigInteger.Zero;
        if (value.Length < DigitsAt)
            return false;
        var most = MostBytes(value);
        var text = most <= BytesOnStack ? stackalloc byte[BytesOnStack] : new byte[most];
        return NumberTexts.TryUnscaled(text[..Write(value, text)], precision, scale, out unscaled);
    }

    private static int Put(int digit, Span<byte> text)
    {
        text[3] = (byte)('0' + digit % 10);
        text[2] = (byte)('0' + digit / 10 % 10);
        text[1] = (byte)('0' + digit / 100 % 10);
        text[0] = (byte)('0' + digit / 1000);
        return DecimalsOfDigit;
    }

    // Digits before the first one and after the last one are zero.
    private static int Digit(ReadOnlySpan<byte> value, int index) =>
        index >= 0 && index < Number(value, 0) ? BinaryPrimitives.ReadUInt16BigEndian(value[(DigitsAt + 2 * index)..]) : 0;

    private static int Number(ReadOnlySpan<byte> value, int index) => BinaryPrimitives.ReadUInt16BigEndian(value[(2 * index)..]);
}
