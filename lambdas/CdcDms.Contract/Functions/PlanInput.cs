using CdcDms.Contract.Tables;

namespace CdcDms.Contract.Functions;

/// <summary>Input of the plan function: what waits for one table.</summary>
public sealed record PlanInput
{
    /// <summary>The table.</summary>
    public required TableDefinition Table { get; init; }

    /// <summary>The lake, <c>s3://BUCKET/PREFIX</c>.</summary>
    public required string Lake { get; init; }

    /// <summary>Most bytes of Parquet in one group; one file is always taken. Default: 1 GiB.</summary>
    public long BatchBytes { get; set; } = MergeInput.DefaultBatchBytes;

    /// <summary>When changes are left to Spark. Default: never.</summary>
    public SparkChoice? Spark { get; init; }

    /// <summary><inheritdoc cref="MergeInput.Execution" path="/summary"/></summary>
    public string? Execution { get; init; }
}
