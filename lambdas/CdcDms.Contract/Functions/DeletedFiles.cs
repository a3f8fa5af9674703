namespace CdcDms.Contract.Functions;

/// <summary>What became of files that were merged as long ago as the lake keeps them.</summary>
public sealed record DeletedFiles
{
    /// <summary>How many were deleted.</summary>
    public required int Files { get; init; }

    /// <summary>Why the others were not; null when they were. The next batch tries again.</summary>
    public string? Failure { get; init; }
}
