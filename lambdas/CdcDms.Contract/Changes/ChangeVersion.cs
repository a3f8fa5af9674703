using System.Globalization;

namespace CdcDms.Contract.Changes;

/// <summary>
/// The total order of the changes to a row: 35 decimal digits, 16 of time (<c>yyyyMMddHHmmssff</c>, UTC) and 19 of a counter.
/// Fixed width, so ordinal text order and numeric order agree (docs/dms-contract.md#change-sequence).
/// </summary>
public readonly record struct ChangeVersion : IComparable<ChangeVersion>
{
    /// <summary>Digits of a version in a change file.</summary>
    public const int Digits = 35;

    private const string TimeFormat = "yyyyMMddHHmmssff";

    private static readonly Int128 CounterRange = (Int128)10_000_000_000_000_000_000UL;

    private ChangeVersion(Int128 value) => Value = value;

    /// <summary>A version from its number.</summary>
    public static ChangeVersion From(Int128 value) => new(value);

    /// <summary>The version as a number; fits <c>numeric(35,0)</c>.</summary>
    public Int128 Value { get; }

    /// <summary>The version of every row of a table's first snapshot: each CDC change wins over it.</summary>
    public static ChangeVersion Snapshot => default;

    /// <summary>
    /// The version of a change read from the WAL: the largest commit time so far and the change's own LSN.
    /// Row locks order the changes of one row by LSN, and the time never falls, so versions of one row strictly rise.
    /// </summary>
    /// <param name="largestCommitTimeUtc">
    /// Largest commit time up to and including the change's transaction; cut to hundredths of a second.
    /// </param>
    /// <param name="lsn">The change's position in the WAL.</param>
    public static ChangeVersion FromWal(DateTime largestCommitTimeUtc, ulong lsn)
    {
        var time = long.Parse(largestCommitTimeUtc.ToString(TimeFormat, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return new ChangeVersion((Int128)time * CounterRange + (Int128)(lsn % (ulong)CounterRange));
    }

    /// <summary>
    /// The version below which every change is older than this one by more than a given time. Zero when this version's own time part is
    /// no time, as in a lake whose versions count differently.
    /// </summary>
    /// <param name="time">How much older.</param>
    public ChangeVersion Before(TimeSpan time)
    {
        const DateTimeStyles isUtc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        var digits = (Value / CounterRange).ToString(CultureInfo.InvariantCulture);
        return DateTime.TryParseExact(digits, TimeFormat, CultureInfo.InvariantCulture, isUtc, out var utc)
            ? FromWal(utc - time, 0)
            : default;
    }

    /// <summary>Reads a version of exactly 35 digits.</summary>
    /// <returns>False when the text is anything else.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out ChangeVersion version)
    {
        version = default;
        if (text.Length != Digits || text.ContainsAnyExceptInRange('0', '9'))
            return false;
        version = new ChangeVersion(Int128.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture));
        return true;
    }

    /// <summary>Reads a version of exactly 35 digits.</summary>
    /// <exception cref="CdcDmsException">The text is anything else.</exception>
    public static ChangeVersion Parse(string text) =>
        TryParse(text, out var version)
            ? version
            : throw new CdcDmsException(ErrorKind.BadData, $"'{text}' is not a change version: it must have exactly {Digits} digits.");

    /// <summary>The 35 digits, as they stand in a change file.</summary>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture).PadLeft(Digits, '0');

    /// <inheritdoc/>
    public int CompareTo(ChangeVersion other) => Value.CompareTo(other.Value);

    /// <summary>Whether the left change came before the right one.</summary>
    public static bool operator <(ChangeVersion left, ChangeVersion right) => left.Value < right.Value;

    /// <summary>Whether the left change came after the right one.</summary>
    public static bool operator >(ChangeVersion left, ChangeVersion right) => left.Value > right.Value;

    /// <summary>Whether the left change is the right one or came before it.</summary>
    public static bool operator <=(ChangeVersion left, ChangeVersion right) => left.Value <= right.Value;

    /// <summary>Whether the left change is the right one or came after it.</summary>
    public static bool operator >=(ChangeVersion left, ChangeVersion right) => left.Value >= right.Value;
}
