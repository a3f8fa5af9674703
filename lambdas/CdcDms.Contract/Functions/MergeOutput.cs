using System.Text.Json.Serialization;

namespace CdcDms.Contract.Functions;

/// <summary>Output of the merge function.</summary>
public sealed record MergeOutput
{
    /// <summary>The source table, <c>schema.name</c>.</summary>
    public required string Table { get; init; }

    /// <summary>Files applied.</summary>
    public required int Files { get; init; }

    /// <summary>Files that could not be read; the ledger has the reason of each.</summary>
    public int FilesRejected { get; init; }

    /// <summary>Bytes of the files that were applied.</summary>
    public required long Bytes { get; init; }

    /// <summary>The fate of their rows.</summary>
    public required RowCounts Rows { get; init; }

    /// <summary>Where the time of all attempts went.</summary>
    public MergePhases Phases { get; set; } = new();

    /// <summary>The ways that the batch took, one after the other; each but the last failed. None when nothing was merged.</summary>
    public IReadOnlyList<MergeWay> Ways { get; set; } = [];

    /// <summary>
    /// How often a batch was begun until one was merged: others had files that cannot be read, ran out of memory or storage, or met
    /// another merge.
    /// </summary>
    public int Attempts { get; init; }

    /// <summary>Commit time at the source, UTC, of the newest change in those files; null when there were none.</summary>
    public DateTime? LastCommitUtc { get; init; }

    /// <summary>
    /// Every change that was committed at the source up to this time, UTC, is merged, as the newest marker that is due shows; null when
    /// more files wait, or no marker is due.
    /// </summary>
    public DateTime? FreshUntilUtc { get; init; }

    /// <summary>
    /// When the oldest of the causes came about for which the table is unproven, UTC, as of the merge; null when it is proven, cannot be,
    /// more files wait, or the judging of proofs failed.
    /// </summary>
    public DateTime? UnprovenSinceUtc { get; init; }

    /// <summary>
    /// The table's proofs that were judged after the last of its files; null when none was due. It is written then, too: a path of the
    /// state machine leads to it.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public JudgedProofs? Proofs { get; init; }

    /// <summary>Files that were deleted since the lake keeps them no longer; null while more wait, or when all are kept.</summary>
    public DeletedFiles? Deleted { get; init; }

    /// <summary>Whether more waits of what Spark left: call again with the same plan.</summary>
    public bool MoreOfSpark { get; init; }

    /// <summary>
    /// Why what Spark left is not merged, and the changes are merged as they are, as a sentence; null when that is not so. It is written
    /// then, too: a path of the state machine leads to it.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? NotFromSpark { get; init; }

    /// <summary>
    /// Why nothing was done: another execution merges the table; null when it was not so. It is written then, too: a path of the state
    /// machine leads to it.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? LeftAlone { get; init; }

    /// <summary>Whether more files wait: call again.</summary>
    public required bool More { get; init; }
}
