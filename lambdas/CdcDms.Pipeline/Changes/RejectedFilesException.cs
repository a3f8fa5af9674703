using CdcDms.Contract.Lake;

namespace CdcDms.Pipeline.Changes;

/// <summary>A file of which nothing can be applied.</summary>
/// <param name="Object">What it is in the lake.</param>
/// <param name="Reason">Why, as half a sentence.</param>
internal sealed record RejectedFile(LakeObject Object, string Reason)
{
    /// <summary>The same without a value of a row; <see cref="Reason"/> may hold one.</summary>
    public string Told { get; init; } = Reason;
}

/// <summary>A batch met files that cannot be read; without them it may be tried again.</summary>
internal sealed class RejectedFilesException(IReadOnlyList<RejectedFile> files)
    : Exception(string.Join("; ", files.Select(file => $"{file.Object.Key}: {file.Told}")))
{
    /// <summary>The files.</summary>
    public IReadOnlyList<RejectedFile> Files { get; } = files;
}
