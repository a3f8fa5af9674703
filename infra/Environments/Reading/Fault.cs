namespace CdcDms.Infra.Environments.Reading;

/// <summary>One thing wrong in an environment file.</summary>
/// <param name="Path">JSON path of the property, such as <c>$.tables[1].target</c>.</param>
/// <param name="Message">What is wrong with it and what would be right.</param>
internal sealed record Fault(string Path, string Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Path}: {Message}";
}

/// <summary>A property that a reader knows, with its default; documentation and schema are held against these.</summary>
internal sealed record KnownProperty(string Path, string? Default);

/// <summary>What reading one file brought to light.</summary>
internal sealed class Findings
{
    private readonly List<Fault> _faults = [];
    private readonly HashSet<KnownProperty> _known = [];
    private readonly Dictionary<string, Pattern> _patterns = [];

    /// <summary>Every fault so far, in the order of finding.</summary>
    public IReadOnlyList<Fault> Faults => _faults;

    /// <summary>Every property that was asked for.</summary>
    public IReadOnlyCollection<KnownProperty> Known => _known;

    /// <summary>What the texts of properties must look like, by path; the schema is held against it.</summary>
    public IReadOnlyDictionary<string, Pattern> Patterns => _patterns;

    /// <summary>Adds a fault.</summary>
    public void Add(string path, string message) => _faults.Add(new Fault(path, message));

    /// <summary>Notes a property.</summary>
    public void Note(string path, string? fallback) => _known.Add(new KnownProperty(path, fallback));

    /// <summary>Notes what a property's text must look like.</summary>
    public void Note(string path, Pattern pattern) => _patterns[path] = pattern;

    /// <summary>Adds a fault about several properties together, unless one of them has a fault of its own already.</summary>
    public void Require(bool holds, string path, string message, params ReadOnlySpan<string> dependsOn)
    {
        if (holds || IsFaulty(path))
            return;
        foreach (var other in dependsOn)
            if (IsFaulty(other))
                return;
        Add(path, message);
    }

    private bool IsFaulty(string path) =>
        _faults.Any(fault => fault.Path == path || fault.Path.StartsWith(path + ".", StringComparison.Ordinal));
}
