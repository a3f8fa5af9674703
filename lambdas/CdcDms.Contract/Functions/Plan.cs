using CdcDms.Contract.Tables;

namespace CdcDms.Contract.Functions;

/// <summary>One object of the lake as a listing shows it. Key, ETag and modification time together are its identity in the ledger.</summary>
/// <param name="Key">Key in the bucket.</param>
/// <param name="ETag">ETag without quotes.</param>
/// <param name="ModifiedUtc">When S3 says that it was last written, UTC.</param>
/// <param name="Bytes">Size.</param>
public sealed record LakeObject(string Key, string ETag, DateTime ModifiedUtc, long Bytes);

/// <summary>Files that one call of the merge function applies together.</summary>
public sealed record FileGroup
{
    /// <summary>The files.</summary>
    public required IReadOnlyList<LakeObject> Files { get; init; }
}

/// <summary>Input of the plan function: what waits for one table.</summary>
public sealed record PlanInput
{
    /// <summary>The table.</summary>
    public required TableDefinition Table { get; init; }

    /// <summary>The lake, <c>s3://BUCKET/PREFIX</c>.</summary>
    public required string Lake { get; init; }

    /// <summary>Most bytes of Parquet in one group; one file is always taken. Default: 1 GiB.</summary>
    public long BatchBytes { get; init; } = MergeInput.DefaultBatchBytes;
}

/// <summary>Output of the plan function.</summary>
public sealed record PlanOutput
{
    /// <summary>
    /// Groups of full-load files that may be merged side by side, in any order: they only fill gaps.
    /// At most 1,000 files in all, so that the answer stays far below the 256 KiB that a state may hold; plan again after them.
    /// </summary>
    public required IReadOnlyList<FileGroup> SnapshotGroups { get; init; }

    /// <summary>Whether anything else waits, to be merged one batch after the other.</summary>
    public required bool ChangesWait { get; init; }
}
