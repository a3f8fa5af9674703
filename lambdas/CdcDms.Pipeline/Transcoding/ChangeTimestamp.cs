using System.Globalization;

namespace CdcDms.Pipeline.Transcoding;

/// <summary>
/// A time as a message tells it (<c>2024-07-29T00:58:17.974340Z</c>, with any number of digits behind the point, or none), in the form
/// that a change file has (docs/dms-contract.md#op-and-timestamp).
/// </summary>
internal static class ChangeTimestamp
{
    /// <summary>Bytes of the form <c>yyyy-MM-dd HH:mm:ss.SSSSSS</c>.</summary>
    public const int Length = 26;

    private const int WholeLength = 19;
    private const int DayLength = 10;

    /// <summary>Writes the time. Digits behind the sixth are cut off.</summary>
    /// <returns>False when the text is no such time.</returns>
    public static bool TryWrite(ReadOnlySpan<byte> text, Span<byte> form, out DateOnly day)
    {
        day = default;
        if (text is not [.. var time, (byte)'Z'] || time.Length < WholeLength || time[DayLength] != 'T' || !TryDay(time, out day))
            return false;
        var fraction = time[WholeLength..];
        if (fraction is not [] && (fraction is not [(byte)'.', .. var digits] || !AreDigits(digits)))
            return false;
        form = form[..Length];
        ".000000"u8.CopyTo(form[WholeLength..]);
        time[..WholeLength].CopyTo(form);
        form[DayLength] = (byte)' ';
        fraction[..Math.Min(fraction.Length, Length - WholeLength)].CopyTo(form[WholeLength..]);
        return true;
    }

    private static bool AreDigits(ReadOnlySpan<byte> text) =>
        !text.IsEmpty && !text.ContainsAnyExceptInRange((byte)'0', (byte)'9');

    private static bool TryDay(ReadOnlySpan<byte> time, out DateOnly day)
    {
        Span<char> digits = stackalloc char[WholeLength];
        for (var index = 0; index < WholeLength; index++)
            digits[index] = (char)time[index];
        var known = DateTime.TryParseExact(
            digits, "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed);
        day = DateOnly.FromDateTime(parsed);
        return known;
    }
}
