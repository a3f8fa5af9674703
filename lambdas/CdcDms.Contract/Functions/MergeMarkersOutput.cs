namespace CdcDms.Contract.Functions;

/// <summary>Output of the function that merges markers into the ledger.</summary>
public sealed record MergeMarkersOutput
{
    /// <summary>Files with markers that were merged.</summary>
    public required int Files { get; init; }

    /// <summary>Files that could not be read; the ledger has the reason of each.</summary>
    public required int FilesRejected { get; init; }

    /// <summary>Commit time at the source, UTC, of the newest marker in the ledger; null when there is none.</summary>
    public required DateTime? NewestUtc { get; init; }

    /// <summary>Files that were deleted since the lake keeps them no longer; null when all are kept.</summary>
    public DeletedFiles? Deleted { get; init; }

    /// <summary>
    /// Whether the versions of markers rise with their numbers. False means that the versions of changes do not follow the order of their
    /// commits: no marker can be relied on.
    /// </summary>
    public required bool InOrder { get; init; }
}
