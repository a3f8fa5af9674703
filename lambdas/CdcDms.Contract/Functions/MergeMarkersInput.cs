namespace CdcDms.Contract.Functions;

/// <summary>Input of the function that merges markers into the ledger.</summary>
public sealed record MergeMarkersInput
{
    /// <summary>The lake, <c>s3://BUCKET/PREFIX</c>.</summary>
    public required string Lake { get; init; }

    /// <summary>Days after which files that were merged are deleted. Default: they are kept.</summary>
    public int? RetentionDays { get; init; }
}
