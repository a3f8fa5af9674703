using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;

namespace CdcDms.Contract.Functions;

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
    public long BatchBytes { get; set; } = DefaultBatchBytes;

    /// <summary>Keys that each batch notes for the table's next proof. Default: none.</summary>
    public int SampledKeys { get; init; }

    /// <summary>Days after which files that were merged are deleted, once none waits. Default: they are kept.</summary>
    public int? RetentionDays { get; init; }

    /// <summary>One of the groups that the plan function gave. Default: the function chooses the next batch itself.</summary>
    public FileGroup? Group { get; init; }

    /// <summary>
    /// The address of a plan by which Spark has reduced waiting changes: what Spark left is merged in their place. Default: the files are
    /// merged as they are.
    /// </summary>
    public string? SparkPlan { get; init; }

    /// <summary>
    /// The id of the execution that calls: while one execution merges a table, others leave that table to it. Default: none, and the table
    /// is merged whatever else merges it.
    /// </summary>
    public string? Execution { get; init; }
}
