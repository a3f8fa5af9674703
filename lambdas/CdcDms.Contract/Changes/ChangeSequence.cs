using System.Globalization;

namespace CdcDms.Contract.Changes;

/// <summary>
/// The order of the changes of one generation: 35 decimal digits, 16 of time (<c>yyyyMMddHHmmssff</c>, UTC) and 19 of a
/// counter, as they stand in a change file (docs/dms-contract.md#change-sequence).
/// </summary>
public readonly record struct ChangeSequence
{
    /// <summary>Digits in a change file.</summary>
    public const int Digits = 35;

    private const string TimeFormat = "yyyyMMddHHmmssff";

    private static readonly Int128 CounterRange = (Int128)10_000_000_000_000_000_000UL;

    private ChangeSequence(Int128 value) => Value = value;

    /// <summary>The sequence as a number.</summary>
    public Int128 Value { get; }

    /// <summary>A sequence from its number.</summary>
    public static ChangeSequence From(Int128 value) => new(value);

    /// <summary>
    /// The sequence of a change read from the WAL: the largest commit time so far and the change's own LSN.
    /// Row locks order the changes of one row by LSN, and the time never falls, so sequences of one row strictly rise.
    /// </summary>
    /// <param name="largestCommitTimeUtc">
    /// Largest commit time up to and including the change's transaction; cut to hundredths of a second.
    /// </param>
    /// <param name="lsn">The change's position in the WAL.</param>
    public static ChangeSequence FromWal(DateTime largestCommitTimeUtc, ulong lsn)
    {
        var time = long.Parse(largestCommitTimeUtc.ToString(TimeFormat, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return new ChangeSequence((Int128)time * CounterRange + (Int128)(lsn % (ulong)CounterRange));
    }

    /// <summary>The time that the first 16 digits tell, UTC; null when they tell none, as those of a full load's rows.</summary>
    public DateTime? TimeUtc
    {
        get
        {
            const DateTimeStyles isUtc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
            var digits = (Value / CounterRange).ToString(CultureInfo.InvariantCulture);
            return DateTime.TryParseExact(digits, TimeFormat, CultureInfo.InvariantCulture, isUtc, out var utc) ? utc : null;
        }
    }

    /// <summary>
    /// The sequence below which every change is older than this one by more than a given time. Zero when this one's own time part is no
    /// time, as in a lake whose sequences count differently, or when no change can be so old.
    /// </summary>
    /// <param name="time">How much older.</param>
    public ChangeSequence Before(TimeSpan time) =>
        TimeUtc is { } utc && time <= utc - DateTime.MinValue ? FromWal(utc - time, 0) : default;

    /// <summary>The 35 digits, as they stand in a change file.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture).PadLeft(Digits, '0');
}
