using CdcDms.Pipeline.Ledger;

namespace CdcDms.Pipeline.Status;

/// <summary>Where all tables stand, and what was merged into them in the last day.</summary>
/// <param name="ReadUtc">When it was read, by the clock of the analytics database.</param>
/// <param name="Tables">The tables of the ledger; none when nothing was merged yet.</param>
public sealed record PipelineActivity(DateTime ReadUtc, IReadOnlyList<TableActivity> Tables);

/// <summary>Where a table stands, and what was merged into it in the last day.</summary>
/// <param name="Status">Where it stands.</param>
/// <param name="Hours">
/// Rows that batches read in each of the last 24 hours of the clock, the oldest first; the last is the hour that runs.
/// </param>
/// <param name="Day">Rows, files and bytes of these hours.</param>
/// <param name="Proofs">What its newest proofs say.</param>
public sealed record TableActivity(TableStatus Status, IReadOnlyList<long> Hours, DayCounts Day, ProofCounts Proofs);

/// <summary>What the newest proofs of a table say.</summary>
/// <param name="JudgedUtc">When the newest was judged, of some rows or of all; null when none was.</param>
/// <param name="NotJudged">Rows of which that says nothing: they changed meanwhile, or have a change in the quarantine.</param>
/// <param name="Different">
/// Rows that the newest with differences has found, where not all of them were repaired and no later proof of the whole table found them
/// right.
/// </param>
public sealed record ProofCounts(DateTime? JudgedUtc, long NotJudged, long Different)
{
    /// <summary>Of a table without a proof.</summary>
    public static ProofCounts None { get; } = new(null, 0, 0);
}

/// <summary>What the batches of a day did.</summary>
/// <param name="Batches">Batches.</param>
/// <param name="Files">Their files.</param>
/// <param name="Bytes">Bytes of these files.</param>
/// <param name="Read">Rows that they read.</param>
/// <param name="Inserted">Of these, inserted.</param>
/// <param name="Updated">Of these, updated.</param>
/// <param name="Deleted">Of these, deleted.</param>
public sealed record DayCounts(long Batches, long Files, long Bytes, long Read, long Inserted, long Updated, long Deleted)
{
    /// <summary>Of a day without batches.</summary>
    public static DayCounts None { get; } = new(0, 0, 0, 0, 0, 0, 0);
}
