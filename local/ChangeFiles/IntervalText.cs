using System.Buffers;

namespace CdcDms.Local.ChangeFiles;

/// <summary>PostgreSQL's ISO 8601 text of an interval in the words of DMS (docs/dms-contract.md#postgresql-types).</summary>
internal static class IntervalText
{
    /// <summary>
    /// From <c>P1Y2M3DT4H5M6S</c> to <c>1 YEAR, 2 MONTHS, 3 DAYS, 4 HOURS, 5 MINUTES, 6 SECONDS</c>. Infinite intervals stay PostgreSQL's
    /// words.
    /// </summary>
    public static bool TryWords(ReadOnlySpan<byte> text, IBufferWriter<byte> bytes)
    {
        if (text is not [(byte)'P', .. var parts])
            return text.EndsWith("infinity"u8) && ByteTexts.TryText(text, bytes);
        var (ofDay, first) = (false, true);
        while (!parts.IsEmpty)
        {
            if (parts[0] == 'T')
            {
                ofDay = true;
                parts = parts[1..];
                continue;
            }

            var length = parts.IndexOfAnyExceptInRange((byte)'-', (byte)'9');
            if (length <= 0 || Word(parts[length], ofDay) is not { IsEmpty: false } word)
                return false;
            if (!first)
                bytes.Write(", "u8);
            var number = parts[..length];
            bytes.Write(number);
            bytes.Write(word);
            if (!number.SequenceEqual("1"u8))
                bytes.Write("S"u8);
            first = false;
            parts = parts[(length + 1)..];
        }

        return !first;
    }

    private static ReadOnlySpan<byte> Word(byte letter, bool ofDay) => (letter, ofDay) switch
    {
        ((byte)'Y', false) => " YEAR"u8,
        ((byte)'M', false) => " MONTH"u8,
        ((byte)'D', false) => " DAY"u8,
        ((byte)'H', true) => " HOUR"u8,
        ((byte)'M', true) => " MINUTE"u8,
        ((byte)'S', true) => " SECOND"u8,
        _ => default,
    };
}
