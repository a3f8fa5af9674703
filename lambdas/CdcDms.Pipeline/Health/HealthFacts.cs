using CdcDms.Contract.Functions;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Ledger;

namespace CdcDms.Pipeline.Health;

/// <summary>All that a look has found. What is null could not be looked at, or is not there.</summary>
/// <param name="NowUtc">When the look began.</param>
/// <param name="Limits">From which values on something is told.</param>
internal sealed record HealthFacts(DateTime NowUtc, HealthLimits Limits)
{
    public required ReplicationHealth? Replication { get; init; }

    public required SourceHealth? Source { get; init; }

    public required AnalyticsFacts? Analytics { get; init; }

    public required RejectsHealth? Rejects { get; init; }

    public required IReadOnlyList<CertificateHealth> Certificates { get; init; }

    public required IReadOnlyList<SecretHealth> Secrets { get; init; }
}

/// <summary>The analytics database.</summary>
/// <param name="Version">The server's version.</param>
/// <param name="Tables">The tables that are defined.</param>
internal sealed record AnalyticsFacts(Version Version, IReadOnlyList<FoundTable> Tables)
{
    /// <summary>
    /// That the ledger is older than this program, in words: nothing is known of tables until the next merge. Default: it is not.
    /// </summary>
    public string? OlderLedger { get; init; }

    /// <summary>The states of all tables in numbers; null when the ledger was not read.</summary>
    public HealthCounts? Counts(HealthFacts facts)
    {
        if (OlderLedger is not null)
            return null;
        var listed = Tables.All(table => table.Waiting is not null);
        return new HealthCounts
        {
            TablesParked = Tables.Count(table => table.Status?.State is TableState.Parked),
            TablesUnproven = Tables.Count(table => table.Status?.Unproven is [_, ..]),
            OldestProofSeconds = facts.Limits.Proof is null ? null : Tables.Max(table => table.ProofSeconds(facts)) ?? 0,
            ChangesInQuarantine = Tables.Sum(table => table.Status?.Quarantined ?? 0),
            FilesUnreadable = Tables.Sum(table => table.Status?.RejectedFiles.Count ?? 0),
            FilesWaiting = listed ? Tables.Sum(table => table.Waiting!.Count) : null,
            OldestWaitingFileSeconds = listed ? Tables.Max(table => table.OldestSeconds(facts.NowUtc)) ?? 0 : null,
        };
    }
}

/// <summary>A table that is defined.</summary>
/// <param name="Definition">Its definition.</param>
/// <param name="Status">What the ledger knows of it; null before the first merge.</param>
/// <param name="Waiting">Its files that are neither merged nor rejected; null when the lake could not be listed.</param>
internal sealed record FoundTable(TableDefinition Definition, TableStatus? Status, IReadOnlyList<LakeObject>? Waiting)
{
    /// <summary>Rows that proofs found different since the table was last proven, and did not repair.</summary>
    public long RowsDiffer { get; init; }

    /// <summary>Its name at the source.</summary>
    public string Name => Definition.Source.ToString();

    /// <summary>Age of the oldest file that waits; null when none does.</summary>
    public double? OldestSeconds(DateTime nowUtc) =>
        Waiting is [_, ..] ? Math.Round(Math.Max(0, (nowUtc - Waiting.Min(file => file.ModifiedUtc)).TotalSeconds)) : null;

    /// <summary>Whether that is older than it should be, and no first load that batches are still merging.</summary>
    public bool WaitsTooLong(HealthFacts facts)
    {
        var limit = TimeSpan.FromMinutes(facts.Limits.WaitingMinutes);
        var loads = Status is { State: TableState.Loading, LastBatch.CommittedUtc: var committed } && facts.NowUtc - committed < limit;
        return !loads && OldestSeconds(facts.NowUtc) > limit.TotalSeconds;
    }

    /// <summary>
    /// Seconds since the newest full proof began that found the table right, or repaired it. A table that was never proven is unproven
    /// since its rows were loaded, and is as old as that: the first proof comes later. Null where no schedule starts full proofs of it.
    /// </summary>
    public double? ProofSeconds(HealthFacts facts) =>
        facts.Limits.Proof is { } limit && Definition.MayBeProven && !limit.LeaveOut.Contains(Name)
            && (Status?.ProvenUtc ?? UnprovenSinceUtc) is { } since
            ? Math.Round(Math.Max(0, (facts.NowUtc - since).TotalSeconds))
            : null;

    private DateTime? UnprovenSinceUtc => Status?.Unproven is [var oldest, ..] ? oldest.SinceUtc : null;

    /// <summary>The table as it is told.</summary>
    public TableHealth Health(HealthFacts facts) => new()
    {
        Table = Name,
        Target = Definition.TargetName.ToString(),
        State = Status is null ? "nothing yet" : Status.State.ToString().ToLowerInvariant(),
        LastBatchUtc = Status?.LastBatch?.CommittedUtc,
        FreshnessSeconds = Status?.FreshnessSeconds,
        Quarantined = Status?.Quarantined ?? 0,
        FilesUnreadable = Status?.RejectedFiles.Count ?? 0,
        FilesWaiting = Waiting?.Count,
        OldestWaitingFileSeconds = OldestSeconds(facts.NowUtc),
        WaitsTooLong = WaitsTooLong(facts),
        UnprovenSinceUtc = UnprovenSinceUtc,
        ProvenUtc = Status?.ProvenUtc,
        ProofSeconds = ProofSeconds(facts),
    };
}
