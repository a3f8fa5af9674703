namespace CdcDms.Pipeline.Changes;

/// <summary>Files with the same columns of the same types, in key order.</summary>
/// <param name="Files">The files.</param>
/// <param name="Types">Their columns with their types, as DuckDB names them.</param>
internal sealed record ShapedFiles(IReadOnlyList<FetchedFile> Files, IReadOnlyDictionary<string, string> Types)
{
    /// <summary>For messages.</summary>
    public override string ToString() =>
        Files.Count == 1 ? Files[0].Object.Key : $"{Files.Count} files from {Files[0].Object.Key} to {Files[^1].Object.Key}";
}
