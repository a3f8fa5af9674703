namespace CdcDms.Contract.Functions;

/// <summary>One table: what DMS, the lake and the ledger say of it.</summary>
public sealed record TableHealth
{
    /// <summary>The state of a table into which nothing is merged until somebody resumes it.</summary>
    public const string Parked = "parked";

    /// <summary>The source table, <c>schema.name</c>.</summary>
    public required string Table { get; init; }

    /// <summary>The target table, <c>schema.name</c>.</summary>
    public required string Target { get; init; }

    /// <summary><c>loading</c>, <c>replicating</c> or <c>parked</c>; <c>nothing yet</c> before the first merge.</summary>
    public required string State { get; init; }

    /// <summary>When its last batch was committed, UTC; null before the first.</summary>
    public DateTime? LastBatchUtc { get; init; }

    /// <summary>Seconds since the time up to which every change is known to be merged; null when nothing tells.</summary>
    public long? FreshnessSeconds { get; init; }

    /// <summary>Open changes in the quarantine.</summary>
    public long Quarantined { get; init; }

    /// <summary>Files that cannot be read.</summary>
    public int FilesUnreadable { get; init; }

    /// <summary>Change files that are not merged; null when the lake could not be listed.</summary>
    public int? FilesWaiting { get; init; }

    /// <summary>Age of the oldest of them in seconds; null when none waits.</summary>
    public double? OldestWaitingFileSeconds { get; init; }

    /// <summary>Whether the oldest of them waits longer than it should.</summary>
    public bool WaitsTooLong { get; init; }

    /// <summary>Since when nobody knows whether it has exactly the rows of its source, UTC; null when it is proven.</summary>
    public DateTime? UnprovenSinceUtc { get; init; }

    /// <summary>When the newest proof of all its rows began that found every row right, or repaired it, UTC; null when none has.</summary>
    public DateTime? ProvenUtc { get; init; }

    /// <summary>
    /// Seconds since <see cref="ProvenUtc"/>; of a table that was never proven since its rows were loaded. Null where no schedule starts
    /// full proofs of it, and before the first merge.
    /// </summary>
    public double? ProofSeconds { get; init; }
}
