namespace CdcDms.Contract.Functions;

/// <summary>Properties of the custom resource that empties a bucket when its stack is deleted.</summary>
public sealed record EmptyBucketProperties
{
    /// <summary>The bucket's name.</summary>
    public required string Bucket { get; init; }
}
