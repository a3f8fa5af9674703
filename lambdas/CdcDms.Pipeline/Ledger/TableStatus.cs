using System.Text.Json.Serialization;

namespace CdcDms.Pipeline.Ledger;

/// <summary>Where a table stands.</summary>
public enum TableState
{
    /// <summary>Not all that was there at first is merged yet.</summary>
    [JsonStringEnumMemberName("loading")]
    Loading,

    /// <summary>Merged at least once wholly; changes follow.</summary>
    [JsonStringEnumMemberName("replicating")]
    Replicating,

    /// <summary>Nothing is merged until somebody resumes it.</summary>
    [JsonStringEnumMemberName("parked")]
    Parked,
}

/// <summary>A file that was rejected.</summary>
/// <param name="Key">Its key in the lake.</param>
/// <param name="Reason">Why, as half a sentence, which may hold values of rows.</param>
/// <param name="Told">The same without a value of a row; null when an older version of CdcDms rejected the file.</param>
public sealed record RejectedObject(string Key, string Reason, string? Told);

/// <summary>What the ledger knows of a table, for people.</summary>
public sealed record TableStatus
{
    /// <summary>The target table, <c>schema.name</c>.</summary>
    public required string Target { get; init; }

    /// <summary>Where it stands.</summary>
    public required TableState State { get; init; }

    /// <summary>Why it is parked; null when it is not.</summary>
    public required string? ParkedCause { get; init; }

    /// <summary>Its last batch; null before the first.</summary>
    public required BatchStatus? LastBatch { get; init; }

    /// <summary>When a merge last found nothing more to do, UTC; null before the first time.</summary>
    public required DateTime? DrainedUtc { get; init; }

    /// <summary>
    /// Up to this time, UTC, every change at the source is merged: the commit time of the newest marker that is due. Null while none is,
    /// and for a table that is fed from plain files.
    /// </summary>
    public required DateTime? FreshUntilUtc { get; init; }

    /// <summary>Seconds from then to now, by the clock of the analytics database.</summary>
    public required long? FreshnessSeconds { get; init; }

    /// <summary>Open changes in the quarantine.</summary>
    public required long Quarantined { get; init; }

    /// <summary>Files that cannot be read.</summary>
    public required IReadOnlyList<RejectedObject> RejectedFiles { get; init; }

    /// <summary>
    /// When the newest proof of the whole table began that found every row right, or repaired it, UTC; null when none has.
    /// </summary>
    public required DateTime? ProvenUtc { get; init; }

    /// <summary>
    /// Why rows may differ from the source's without a word, the oldest cause first; none when the table is proven, or cannot be.
    /// </summary>
    public required IReadOnlyList<Unproven> Unproven { get; init; }
}
