namespace CdcDms.Pipeline.Changes;

/// <summary>
/// Fetches several files at a time: S3 gives a single connection a fraction of a function's bandwidth, and small files are mostly waiting.
/// </summary>
internal static class ParallelFetch
{
    private const int FilesAtOnce = 16;

    /// <summary>Fetches each file by what is given.</summary>
    public static Task RunAsync(
        IReadOnlyList<FetchedFile> files, Func<FetchedFile, CancellationToken, Task> fetch, CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = FilesAtOnce, CancellationToken = cancellationToken };
        return Parallel.ForEachAsync(files, options, async (file, token) => await fetch(file, token));
    }
}
