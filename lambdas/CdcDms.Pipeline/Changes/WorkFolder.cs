namespace CdcDms.Pipeline.Changes;

/// <summary>
/// A temporary folder that goes with its owner, and whose remains the next owner removes when this one was killed: a function's storage
/// outlives its process (AWS Lambda: execution environment, <c>/tmp</c>).
/// </summary>
internal sealed class WorkFolder : IDisposable
{
    private const string Prefix = "cdcdms-merge-";
    private const string LockFile = "in-use";

    // A folder that is being made has no lock yet.
    private static readonly TimeSpan MakingTakes = TimeSpan.FromMinutes(1);

    private readonly FileStream _lock;

    private WorkFolder(string path)
    {
        Path = path;
        _lock = Lock(path);
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Makes one, and removes those of which the owner is gone.</summary>
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
            // In use, somebody else's, or removed by another merge just now.
        }
    }

    // The lock ends with the process, however it ends.
    private static FileStream Lock(string folder) =>
        new(System.IO.Path.Combine(folder, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
}
