namespace CdcDms.Pipeline.Tests.Model;

/// <summary>
/// A row's values: one column that every update has, one whose NULL in an update means "unchanged", one that the source may drop.
/// </summary>
public sealed record Image(int Qty, string? Body, int? Extra);

/// <summary>A change, as it stands in a file. A delete has no image.</summary>
public sealed record Change(int Key, char Operation, long Version, Image? Image);

/// <summary>One object of the lake.</summary>
/// <param name="IsLoad">Whether it is a full-load file; then all its changes have the version of its snapshot.</param>
/// <param name="HasExtra">Whether the source had the column <c>extra</c> when it was written.</param>
/// <param name="Changes">Its rows.</param>
/// <param name="Generation">The version of the generation that it completes; null for none.</param>
public sealed record LakeFile(bool IsLoad, bool HasExtra, IReadOnlyList<Change> Changes, long? Generation = null);

/// <summary>What happens between two looks at the target: files arrive, then merges run.</summary>
public sealed record Delivery(IReadOnlyList<LakeFile> Files, int Merges, long BatchBytes);

/// <summary>
/// What happened at a source with few keys, so that their changes meet, how it was cut into files, and in what order, how often and in
/// which batches these are merged.
/// </summary>
public sealed class History
{
    // Room between two changes for a generation's version.
    private const int VersionStep = 10;

    private readonly Tape _tape;
    private readonly Dictionary<int, Image> _source = [];
    private readonly List<Change> _stream = [];
    private readonly List<Dictionary<int, Image>> _states = [];

    /// <summary>Makes a history from choices.</summary>
    public History(IReadOnlyList<int> choices)
    {
        _tape = new Tape(choices);
        SoftDeletes = _tape.OnceIn(2);
        KeepOnNull = _tape.OnceIn(2);
        var keys = 1 + _tape.Next(4);
        for (var key = 1; key <= keys; key++)
            if (_tape.OnceIn(2))
                _source[key] = new Image(-key, $"start {key}", -key);
        var existed = _source.Count > 0;
        _states.Add(new(_source));
        var changes = 1 + _tape.Next(14);
        for (var number = 1; number <= changes; number++)
            Happen(1 + _tape.Next(keys), number);

        if (_tape.OnceIn(3))
            Generation = _tape.Next(changes + 1) * VersionStep + VersionStep / 2;
        else if (_tape.OnceIn(3))
            DroppedAt = (1 + _tape.Next(changes)) * VersionStep;
        Arrives = [.. _stream.Where(change => change.Version > (Generation ?? 0) || !_tape.OnceIn(4))];
        List<LakeFile> files = [.. Cut(Arrives), .. existed ? Snapshot(_tape.Next(changes + 1)) : [], .. Complete(changes)];
        // What arrives twice: whole files under new names, as a resumed task writes them.
        Files = [.. files, .. files.Where(file => file.Generation is null && _tape.OnceIn(5))];
        Deliveries = Deliver(_tape.Shuffled(Files));
    }

    /// <summary>Whether deletes keep their rows.</summary>
    public bool SoftDeletes { get; }

    /// <summary>Whether NULL in an update of <c>body</c> means "unchanged".</summary>
    public bool KeepOnNull { get; }

    /// <summary>The version of a complete generation; null for none. Some changes below it are lost.</summary>
    public long? Generation { get; }

    /// <summary>Changes from this version on were made when <c>extra</c> was gone at the source; null when it never was.</summary>
    public long? DroppedAt { get; }

    /// <summary>The changes of the stream that are not lost.</summary>
    public IReadOnlyList<Change> Arrives { get; }

    /// <summary>All files.</summary>
    public IReadOnlyList<LakeFile> Files { get; }

    /// <summary>How they come.</summary>
    public IReadOnlyList<Delivery> Deliveries { get; }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{(SoftDeletes ? "soft" : "hard")} deletes, {(KeepOnNull ? "keepOnNull" : "trust")}, "
        + $"generation {Generation}, extra dropped at {DroppedAt}\n" + string.Concat(Deliveries.Select(Shown));

    private static string Shown(Delivery delivery) =>
        $"{delivery.Merges} merges of at most {delivery.BatchBytes} bytes of {string.Concat(delivery.Files.Select(Shown))}\n";

    private static string Shown(LakeFile file) =>
        $"\n    {(file.IsLoad ? "LOAD" : "CDC")}{(file.Generation is { } generation ? $" completing {generation}" : "")}"
        + $"{(file.HasExtra ? "" : " without extra")}: "
        + string.Join(", ", file.Changes.Select(change => $"{change.Operation}{change.Version} {change.Key} {change.Image}"));

    private void Happen(int key, int number)
    {
        var image = new Image(number, _tape.OnceIn(3) ? null : $"body {number}", number);
        if (!_source.TryGetValue(key, out var old))
        {
            Add('I', image, image);
        }
        else if (_tape.OnceIn(3))
        {
            _source.Remove(key);
            _stream.Add(new Change(key, 'D', number * VersionStep, null));
        }
        else
        {
            // With keepOnNull no update sets NULL: it could not be told from "unchanged".
            Add('U', image with { Body = image.Body ?? (KeepOnNull ? old.Body : null) }, image);
        }

        _states.Add(new(_source));

        void Add(char operation, Image truth, Image told)
        {
            _source[key] = truth;
            _stream.Add(new Change(key, operation, number * VersionStep, told));
        }
    }

    private IEnumerable<LakeFile> Cut(IReadOnlyList<Change> changes)
    {
        var count = 1 + _tape.Next(5);
        return _tape.Shuffled(changes)
            .GroupBy(change => (_tape.Next(count), HasExtra: change.Version < (DroppedAt ?? long.MaxValue)))
            .Select(group => new LakeFile(false, group.Key.HasExtra, [.. group]));
    }

    private IEnumerable<LakeFile> Snapshot(int after) =>
        Load(_states[after], 0, after * VersionStep < (DroppedAt ?? long.MaxValue)).Where(file => file.Changes.Count > 0);

    private IEnumerable<LakeFile> Complete(int changes)
    {
        if (Generation is not { } version)
            return [];
        var seen = (int)(version / VersionStep);
        var state = _states[seen + _tape.Next(changes + 1 - seen)];
        return Load(state, version, true).Take(1).Select(file => file with { Generation = version });
    }

    private static IEnumerable<LakeFile> Load(Dictionary<int, Image> state, long version, bool hasExtra) =>
        [new LakeFile(true, hasExtra, [.. state.Select(row => new Change(row.Key, 'I', version, row.Value))])];

    private List<Delivery> Deliver(List<LakeFile> files)
    {
        var deliveries = new List<Delivery>();
        for (var at = 0; at < files.Count;)
        {
            var some = files.Skip(at).Take(1 + _tape.Next(files.Count)).ToList();
            at += some.Count;
            deliveries.Add(new Delivery(some, _tape.OnceIn(4) ? 2 : 1, _tape.OnceIn(3) ? 1 : 1 << 30));
        }

        return deliveries;
    }
}
