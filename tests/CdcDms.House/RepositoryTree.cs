namespace CdcDms.House;

/// <summary>The files of a repository, without what builds and tools leave in it.</summary>
/// <param name="root">The folder that holds the repository.</param>
public sealed class RepositoryTree(string root)
{
    private static readonly HashSet<string> Made =
    [
        "bin", "obj", "out", "node_modules", "cdk.out", "TestResults", "StrykerOutput", "BenchmarkDotNet.Artifacts", ".git", ".vs", ".idea",
    ];

    /// <summary>The paths of all files, from the root, with slashes, in order.</summary>
    public IReadOnlyList<string> Paths { get; } =
        [.. FilesBelow(root).Select(path => Path.GetRelativePath(root, path).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    /// <summary>The paths of the files whose names end so.</summary>
    public IEnumerable<string> WithExtension(params string[] extensions) =>
        Paths.Where(path => extensions.Contains(Path.GetExtension(path)));

    /// <summary>Whether there is such a file or folder.</summary>
    public bool Has(string path) => Path.Exists(Path.Combine(root, path));

    /// <summary>The text of a file.</summary>
    public string Read(string path) => File.ReadAllText(Path.Combine(root, path));

    /// <summary>The lines of a file.</summary>
    public IReadOnlyList<string> ReadLines(string path) => File.ReadAllLines(Path.Combine(root, path));

    private static IEnumerable<string> FilesBelow(string folder) =>
        Directory.EnumerateDirectories(folder)
            .Where(child => !Made.Contains(Path.GetFileName(child)))
            .SelectMany(FilesBelow)
            .Concat(Directory.EnumerateFiles(folder).Where(file => Path.GetFileName(file) != ".git"));
}
