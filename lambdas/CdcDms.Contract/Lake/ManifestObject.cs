namespace CdcDms.Contract.Lake;

/// <summary>One full-load file that a manifest names.</summary>
public sealed record ManifestObject
{
    /// <summary>The object's key in the bucket.</summary>
    public required string Key { get; init; }

    /// <summary>The object's ETag, without quotes.</summary>
    public required string ETag { get; init; }
}
