namespace CdcDms.Pipeline.Tests.Model;

/// <summary>
/// A row's values: one column that every update has, one whose NULL in an update means "unchanged", one that the source may drop.
/// </summary>
public sealed record Image(int Qty, string? Body, int? Extra)
{
    /// <summary>A quantity that the target refuses and the source does not.</summary>
    public const int RefusedQty = -1000;

    /// <summary>What the target has of <c>body</c> where nothing is said of it.</summary>
    public const string DefaultBody = "default";

    /// <summary>What the target has of <c>extra</c> where nothing is said of it.</summary>
    public const int DefaultExtra = -7;

    /// <summary>Whether the target refuses the image.</summary>
    public bool IsRefused() => Qty == RefusedQty;
}

/// <summary>A change, as it stands in a file. A delete has no image.</summary>
/// <param name="OldKey">The key that the row had before; null when the change left the row its key.</param>
public sealed record Change(int Key, char Operation, long Version, Image? Image, int? OldKey = null);

/// <summary>One object of the lake.</summary>
/// <param name="IsLoad">Whether it is a full-load file; then all its changes have the version of its snapshot.</param>
/// <param name="HasExtra">Whether the source had the column <c>extra</c> when it was written.</param>
/// <param name="Changes">Its rows.</param>
/// <param name="Generation">The generation in whose folder it is.</param>
/// <param name="IsWhole">Whether a manifest says that it is the generation's whole load.</param>
public sealed record LakeFile(bool IsLoad, bool HasExtra, IReadOnlyList<Change> Changes, int Generation = 1, bool IsWhole = false);

/// <summary>What happens between two looks at the target: files arrive, then merges run.</summary>
/// <param name="Forgets">The version up to which tombstones are forgotten afterwards; null for none.</param>
/// <param name="Dies">Where a merge that runs before the others dies; null for none.</param>
/// <param name="BatchRows">A file of more rows is merged in parts.</param>
/// <param name="BySpark">Whether the SQL of Spark reduces the changes that wait, where it can.</param>
public sealed record Delivery(
    IReadOnlyList<LakeFile> Files, int Merges, long BatchBytes, long BatchRows, long? Forgets, Death? Dies, bool BySpark);

/// <summary>Where a merge dies: after some time, whatever it does then, or between two steps with the database.</summary>
/// <param name="AfterMilliseconds">The time; null where it dies at a step.</param>
/// <param name="AtStep">The step, from 1; null where it dies after some time.</param>
public sealed record Death(int? AfterMilliseconds, int? AtStep);

/// <summary>
/// What happened at a source with few keys, so that their changes meet, how it was cut into files, and in what order, how often and in
/// which batches these are merged.
/// </summary>
public sealed class History
{
    /// <summary>Between two changes there is room for the versions of a generation and of markers.</summary>
    public const int VersionStep = 100;

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
        // A refused row cannot be repaired, and a key of which two spellings are one is not proven.
        var proves = _tape.OnceIn(4);
        Refuses = !proves && _tape.OnceIn(3);
        Moves = _tape.OnceIn(3);
        Spells = !proves && _tape.OnceIn(3);
        var keys = 1 + _tape.Next(4);
        for (var key = 1; key <= keys; key++)
            if (_tape.OnceIn(2))
                _source[key] = new Image(-key, $"start {key}", -key);
        var existed = _source.Count > 0;
        _states.Add(new(_source));
        var changes = 1 + _tape.Next(14);
        for (var number = 1; number <= changes; number++)
            Happen(1 + _tape.Next(keys), 1 + _tape.Next(keys), number);

        // A refused row of a whole load keeps all rows of older generations.
        if (_tape.OnceIn(proves ? 2 : 3))
            (SecondBegins, SecondIsWhole) = (_tape.Next(changes + 1) * VersionStep + VersionStep / 2, !Refuses && !_tape.OnceIn(3));
        else if (proves)
            KeepsAll = _tape.OnceIn(3);
        else if (_tape.OnceIn(3))
            DroppedAt = (1 + _tape.Next(changes)) * VersionStep;
        // What is late is of whole rows: of registers, a late one may be missing in a row that is there.
        else if (!KeepOnNull && _tape.OnceIn(2))
            ForgetsUpTo = (1 + _tape.Next(changes)) * VersionStep;
        if (proves)
            Proofs = HistoryProof.Some(_tape, _states);
        var mayBeLost = KeepsAll ? 0 : Math.Max(SecondBegins ?? 0, Proofs is [.., { Repairs: true, Marker: var marker }] ? marker : 0);
        Arrives = [.. _stream.Where(change => change.Version > mayBeLost || !_tape.OnceIn(4))];
        List<LakeFile> files = [.. Cut(Arrives), .. existed ? Snapshot(_tape.Next(changes + 1)) : [], .. Second(changes)];
        // What arrives twice: whole files under new names, as a resumed task writes them.
        Files = [.. files, .. files.Where(file => !file.IsWhole && _tape.OnceIn(5))];
        Deliveries = Deliver(_tape.Shuffled(Files));
        Proofs = HistoryProof.Timed(_tape, Proofs, Deliveries.Count);
        // A refused row of the first load and the row that comes again have one version, so the second may take its place.
        if (Refuses && Deliveries.Count > 0 && _tape.OnceIn(2))
            RetriesAfter = _tape.Next(Deliveries.Count);
        LoadsAgain = _tape.OnceIn(4) && SecondBegins is null && !Refuses && files.Any(file => file.IsLoad);
    }

    /// <summary>Whether deletes keep their rows.</summary>
    public bool SoftDeletes { get; }

    /// <summary>Whether NULL in an update of <c>body</c> means "unchanged".</summary>
    public bool KeepOnNull { get; }

    /// <summary>Whether the target refuses some images.</summary>
    public bool Refuses { get; }

    /// <summary>Whether the target's columns have defaults: somebody has made it.</summary>
    public bool HasDefaults => Refuses || Spells;

    /// <summary>
    /// The delivery after which the target refuses nothing any more, and the quarantined changes are tried again; null where they stay.
    /// </summary>
    public int? RetriesAfter { get; }

    /// <summary>Whether the files tell the old keys of rows whose key changes.</summary>
    public bool Moves { get; }

    /// <summary>Whether keys are texts that the target holds equal in more than one spelling.</summary>
    public bool Spells { get; }

    /// <summary>The version up to which tombstones are forgotten at some time; null for none.</summary>
    public long? ForgetsUpTo { get; }

    /// <summary>Whether the first load comes again at the end, without a manifest and with other rows.</summary>
    public bool LoadsAgain { get; }

    /// <summary>
    /// The version that the rows of a second generation's full load have: it has the changes above. Some of those below are lost. Null when
    /// there is one generation.
    /// </summary>
    public long? SecondBegins { get; }

    /// <summary>Whether a manifest says that the second generation's load is whole, so that rows that it lacks are deleted.</summary>
    public bool SecondIsWhole { get; }

    /// <summary>Changes at or below this version are stale in the end; −1 for none.</summary>
    public long Floor => SecondIsWhole ? SecondBegins!.Value : -1;

    /// <summary>Whether nothing is lost, so that no proof may tell a difference once everything has arrived that it saw.</summary>
    public bool KeepsAll { get; }

    /// <summary>The proofs that are asked for, in the order of their markers.</summary>
    public IReadOnlyList<HistoryProof> Proofs { get; } = [];

    /// <summary>The changes of the stream, lost ones too.</summary>
    public IReadOnlyList<Change> Stream => _stream;

    /// <summary>The source's rows in the end.</summary>
    public IReadOnlyDictionary<int, Image> Final => _states[^1];

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
        $"{(SoftDeletes ? "soft" : "hard")} deletes, {(KeepOnNull ? "keepOnNull" : "trust")}, {(Spells ? "spelt keys, " : "")}"
        + (RetriesAfter is { } delivery ? $"retries after delivery {delivery}, " : "")
        + $"forgets up to {ForgetsUpTo}, second generation {SecondBegins}{(SecondIsWhole ? " whole" : "")}, extra dropped at {DroppedAt}\n"
        + string.Concat(Proofs.Select(proof => $"{proof}\n"))
        + string.Concat(Deliveries.Select(Shown));

    private static string Shown(Delivery delivery) =>
        $"{delivery.Merges} merges{(delivery.BySpark ? " after Spark" : "")} of at most {delivery.BatchBytes} bytes and "
        + $"{delivery.BatchRows} rows of "
        + $"{string.Concat(delivery.Files.Select(Shown))}\n"
        + (delivery.Dies is { } dies ? $"after one that dies: {dies}\n" : "")
        + (delivery.Forgets is { } forgotten ? $"tombstones up to {forgotten} are forgotten\n" : "");

    private static string Shown(LakeFile file) =>
        $"\n    g{file.Generation} {(file.IsLoad ? "LOAD" : "CDC")}{(file.IsWhole ? " whole" : "")}"
        + $"{(file.HasExtra ? "" : " without extra")}: "
        + string.Join(", ", file.Changes.Select(Shown));

    private static string Shown(Change change) =>
        $"{change.Operation}{change.Version} {(change.OldKey is { } old ? $"{old} to " : "")}{change.Key} {change.Image}";

    private void Happen(int key, int other, int number)
    {
        var qty = Refuses && _tape.OnceIn(4) ? Image.RefusedQty : number;
        var image = new Image(qty, _tape.OnceIn(3) ? null : $"body {number}", number);
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
            // With spelt keys, a key may change its spelling alone: then it stays the key that it was.
            var moves = Moves && (!_source.ContainsKey(other) || (Spells && key == other)) && _tape.OnceIn(2);
            if (moves)
                _source.Remove(key);
            // With keepOnNull no update sets NULL: it could not be told from "unchanged".
            Add('U', image with { Body = image.Body ?? (KeepOnNull ? old.Body : null) }, image, moves ? other : key, moves ? key : null);
        }

        _states.Add(new(_source));

        void Add(char operation, Image truth, Image told, int? newKey = null, int? oldKey = null)
        {
            _source[newKey ?? key] = truth;
            _stream.Add(new Change(newKey ?? key, operation, number * VersionStep, told, oldKey));
        }
    }

    private IEnumerable<LakeFile> Cut(IReadOnlyList<Change> changes)
    {
        var count = 1 + _tape.Next(5);
        return _tape.Shuffled(changes)
            .GroupBy(change => (
                _tape.Next(count), HasExtra: change.Version < (DroppedAt ?? long.MaxValue), IsSecond: change.Version > SecondBegins))
            .Select(group => new LakeFile(false, group.Key.HasExtra, [.. group], group.Key.IsSecond ? 2 : 1));
    }

    private IEnumerable<LakeFile> Snapshot(int after) =>
        Load(_states[after], 0, after * VersionStep < (DroppedAt ?? long.MaxValue)).Where(file => file.Changes.Count > 0);

    private IEnumerable<LakeFile> Second(int changes)
    {
        if (SecondBegins is not { } version)
            return [];
        var seen = (int)(version / VersionStep);
        var state = _states[seen + _tape.Next(changes + 1 - seen)];
        return Load(state, version, true).Select(file => file with { Generation = 2, IsWhole = SecondIsWhole });
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
            var forgets = _tape.OnceIn(2) ? ForgetsUpTo : null;
            var rows = _tape.OnceIn(3) ? 1 + _tape.Next(4) : 1 << 20;
            var dies = !_tape.OnceIn(4) ? null
                : _tape.OnceIn(2) ? new Death(5 + _tape.Next(60), null)
                : new Death(null, 1 + _tape.Next(50));
            var (merges, bytes) = (_tape.OnceIn(4) ? 2 : 1, _tape.OnceIn(3) ? 1 : 1 << 30);
            deliveries.Add(new Delivery(some, merges, bytes, rows, forgets, dies, BySpark: _tape.OnceIn(3)));
        }

        // A proof is judged by a merge.
        return deliveries.Count > 0 || Proofs.Count == 0 ? deliveries : [new Delivery([], 1, 1 << 30, 1 << 20, null, null, false)];
    }
}
