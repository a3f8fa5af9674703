namespace CdcDms.Contract.Lake;

/// <summary>Files that one call of the merge function applies together.</summary>
public sealed record FileGroup
{
    /// <summary>The files.</summary>
    public required IReadOnlyList<LakeObject> Files { get; init; }
}
