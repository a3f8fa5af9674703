using System.Buffers.Text;

namespace CdcDms.Local.ChangeFiles;

/// <summary>
/// PostgreSQL's ISO 8601 texts of dates and times as numbers since 1970, in the proleptic Gregorian calendar that PostgreSQL and Parquet
/// share. .NET's own types end before year 1 and after 9999; PostgreSQL's go from 4713 BC to 5874897. DMS has no infinity
/// (docs/dms-contract.md#postgresql-types).
/// </summary>
internal static class DateTimeTexts
{
    private const long MicrosecondsPerSecond = 1_000_000;
    private const long MicrosecondsPerDay = 86_400 * MicrosecondsPerSecond;
    private const int FractionDigits = 6;

    /// <summary>What <c>-infinity</c> is in days since 1970.</summary>
    public static readonly int EarliestDay = Day(1 - 4713, 1, 1);

    /// <summary>What <c>infinity</c> is in days since 1970.</summary>
    public static readonly int LatestDay = Day(9999, 12, 31);

    /// <summary>What <c>-infinity</c> is in microseconds since 1970.</summary>
    public static readonly long EarliestMicrosecond = EarliestDay * MicrosecondsPerDay;

    /// <summary>What <c>infinity</c> is in microseconds since 1970: 9999-12-31 23:59:59.</summary>
    public static readonly long LatestMicrosecond = (LatestDay + 1L) * MicrosecondsPerDay - MicrosecondsPerSecond;

    /// <summary>Days since 1970-01-01 (Parquet: DATE).</summary>
    public static bool TryDays(ReadOnlySpan<byte> text, out int days)
    {
        if (IsInfinity(text, out var latest))
        {
            days = latest ? LatestDay : EarliestDay;
            return true;
        }

        var beforeChrist = CutEra(ref text);
        return TryDay(text, beforeChrist, out days);
    }

    /// <summary>Microseconds since 1970-01-01 (Parquet: TIMESTAMP_MICROS), up to the year 294246.</summary>
    public static bool TryMicroseconds(ReadOnlySpan<byte> text, out long microseconds)
    {
        if (IsInfinity(text, out var latest))
        {
            microseconds = latest ? LatestMicrosecond : EarliestMicrosecond;
            return true;
        }

        microseconds = 0;
        var beforeChrist = CutEra(ref text);
        var space = text.IndexOf((byte)' ');
        if (space < 0
            || !TryDay(text[..space], beforeChrist, out var day)
            || !TryTimeOfDay(text[(space + 1)..], out var time, out var zone)
            || !(zone.IsEmpty || zone.SequenceEqual("+00"u8)))
            return false;
        var exact = (Int128)day * MicrosecondsPerDay + time;
        microseconds = unchecked((long)exact);
        // The largest number is infinity for DuckDB and others.
        return exact < long.MaxValue;
    }

    /// <summary>Milliseconds since midnight (Parquet: TIME_MILLIS), up to those of 24:00. Smaller parts and the zone are cut off.</summary>
    public static bool TryMilliseconds(ReadOnlySpan<byte> text, out int milliseconds)
    {
        var known = TryTimeOfDay(text, out var microseconds, out _);
        milliseconds = (int)(microseconds / 1000);
        return known;
    }

    private static bool IsInfinity(ReadOnlySpan<byte> text, out bool latest)
    {
        latest = text.SequenceEqual("infinity"u8);
        return latest || text.SequenceEqual("-infinity"u8);
    }

    private static bool CutEra(ref ReadOnlySpan<byte> text)
    {
        if (!text.EndsWith(" BC"u8))
            return false;
        text = text[..^3];
        return true;
    }

    // YYYY-MM-DD, with as many digits of the year as it has.
    private static bool TryDay(ReadOnlySpan<byte> text, bool beforeChrist, out int day)
    {
        day = 0;
        if (!Utf8Parser.TryParse(text, out int year, out var digits)
            || text[digits..] is not [(byte)'-', _, _, (byte)'-', _, _]
            || !TryTwoDigits(text[(digits + 1)..], out var month)
            || !TryTwoDigits(text[(digits + 4)..], out var dayOfMonth))
            return false;
        // 1 BC is the year 0.
        day = Day(beforeChrist ? 1 - year : year, month, dayOfMonth);
        return true;
    }

    // HH:MM:SS with up to six digits of a fraction, and what follows.
    private static bool TryTimeOfDay(ReadOnlySpan<byte> text, out long microseconds, out ReadOnlySpan<byte> rest)
    {
        microseconds = 0;
        rest = default;
        if (text is not [_, _, (byte)':', _, _, (byte)':', _, _, ..]
            || !TryTwoDigits(text, out var hours)
            || !TryTwoDigits(text[3..], out var minutes)
            || !TryTwoDigits(text[6..], out var seconds))
            return false;
        microseconds = ((hours * 60L + minutes) * 60 + seconds) * MicrosecondsPerSecond;
        rest = text[8..];
        if (rest is not [(byte)'.', ..])
            return true;

        if (!Utf8Parser.TryParse(rest[1..], out int fraction, out var digits) || digits > FractionDigits)
            return false;
        rest = rest[(1 + digits)..];
        for (; digits < FractionDigits; digits++)
            fraction *= 10;
        microseconds += fraction;
        return true;
    }

    private static bool TryTwoDigits(ReadOnlySpan<byte> text, out int value) =>
        Utf8Parser.TryParse(text[..2], out value, out var digits) && digits == 2;

    // Years begin in March, so that the day that some have and some have not is the last one.
    private static int Day(int year, int month, int dayOfMonth)
    {
        if (month <= 2)
            (year, month) = (year - 1, month + 12);
        var leapDays = FloorDivide(year, 4) - FloorDivide(year, 100) + FloorDivide(year, 400);
        // Months of 31, 30, 31, 30, 31 days, over and over: 153 days in five.
        var dayOfYear = (153 * (month - 3) + 2) / 5 + dayOfMonth - 1;
        const int daysUntil1970 = 719_468;
        return year * 365 + leapDays + dayOfYear - daysUntil1970;
    }

    private static int FloorDivide(int number, int by) => (int)Math.Floor(number / (double)by);
}
