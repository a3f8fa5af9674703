namespace CdcDms.DuckDb;

/// <summary>
/// A temporary folder for files on their way and for what DuckDB spills. Its owner removes it; when the owner was killed, the owner of the
/// next work folder does: a function's storage outlives its process (AWS Lambda: execution environment, <c>/tmp</c>).
/// </summary>
public sealed class WorkFolder : IDisposable
{
    private const string Prefix = "cdcdms-work-";
    private const string LockFile = "in-use";

    // A folder that is being made has no lock yet.
    private static readonly TimeSpan MakingTakes = TimeSpan.FromMinutes(1);

    private readonly FileStream _lock;

    private WorkFolder(string path)
    {
        Path = path;
        _lock = Lock(path);
    }

    /// <summary>Where the folder is.</summary>
    public string Path { get; }

    /// <summary>Makes a folder, and removes those whose owners are gone.</summary>
    public static WorkFolder Create()
    {
        foreach (var folder in Directory.EnumerateDirectories(System.IO.Path.GetTempPath(), Prefix + "*"))
            if (Directory.GetLastWriteTimeUtc(folder) < DateTime.UtcNow - MakingTakes)
                RemoveUnlessInUse(folder);
        return new WorkFolder(Directory.CreateTempSubdirectory(Prefix).FullName);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Directory.Delete(Path, recursive: true);
        _lock.Dispose();
    }

    private static void RemoveUnlessInUse(string folder)
    {
        try
        {
            using (Lock(folder))
                Directory.Delete(folder, recursive: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // In use, somebody else's, or removed by another process just now.
        }
    }

    // The lock ends with the process, however it ends.
    private static FileStream Lock(string folder) =>
        new(System.IO.Path.Combine(folder, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
}
