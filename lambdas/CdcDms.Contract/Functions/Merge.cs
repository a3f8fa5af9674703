using CdcDms.Contract.Tables;

namespace CdcDms.Contract.Functions;

/// <summary>What happened to every row that was read. Each count is measured by itself; they must balance.</summary>
public sealed record RowCounts
{
    /// <summary>Rows in the files of the batch.</summary>
    public long Read { get; init; }

    /// <summary>Rows that the target did not have.</summary>
    public long Inserted { get; init; }

    /// <summary>Rows that the target had with a lower version.</summary>
    public long Updated { get; init; }

    /// <summary>Changes that were in the target already, with the same version.</summary>
    public long Unchanged { get; init; }

    /// <summary>Deletes that took effect, also of keys that the target never had.</summary>
    public long Deleted { get; init; }

    /// <summary>Changes followed by a later change of the same row in the same batch.</summary>
    public long Superseded { get; init; }

    /// <summary>Changes below what the target holds already, or at or below the table's floor.</summary>
    public long Stale { get; init; }

    /// <summary>Changes put aside because the target refuses them.</summary>
    public long Quarantined { get; init; }

    /// <summary>The promise in numbers: every row read has exactly one fate.</summary>
    public bool Balance() => Read == Inserted + Updated + Unchanged + Deleted + Superseded + Stale + Quarantined;

    /// <summary>Both counts together.</summary>
    public static RowCounts operator +(RowCounts left, RowCounts right) => new()
    {
        Read = left.Read + right.Read,
        Inserted = left.Inserted + right.Inserted,
        Updated = left.Updated + right.Updated,
        Unchanged = left.Unchanged + right.Unchanged,
        Deleted = left.Deleted + right.Deleted,
        Superseded = left.Superseded + right.Superseded,
        Stale = left.Stale + right.Stale,
        Quarantined = left.Quarantined + right.Quarantined,
    };

    /// <inheritdoc cref="op_Addition"/>
    public static RowCounts Add(RowCounts left, RowCounts right) => left + right;
}

/// <summary>Input of the merge function: one batch of one table.</summary>
public sealed record MergeInput
{
    /// <summary>1 GiB: what a function orders within its memory and temporary storage.</summary>
    public const long DefaultBatchBytes = 1L << 30;

    /// <summary>The table to merge.</summary>
    public required TableDefinition Table { get; init; }

    /// <summary>The lake, <c>s3://BUCKET/PREFIX</c>.</summary>
    public required string Lake { get; init; }

    /// <summary>Most bytes of Parquet in one batch; one file is always taken. Default: 1 GiB.</summary>
    public long BatchBytes { get; init; } = DefaultBatchBytes;

    /// <summary>One of the groups that the plan function gave. Default: the function chooses the next batch itself.</summary>
    public FileGroup? Group { get; init; }
}

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

    /// <summary>Where the time went.</summary>
    public MergePhases Phases { get; init; } = new();

    /// <summary>Commit time at the source, UTC, of the newest change in those files; null when there were none.</summary>
    public DateTime? LastCommitUtc { get; init; }

    /// <summary>Whether more files wait: call again.</summary>
    public required bool More { get; init; }
}
