namespace CdcDms.Pipeline.Tests.Model;

/// <summary>What the target must hold of a key once everything has arrived.</summary>
/// <param name="Image">The last image; null when there never was one.</param>
/// <param name="Version">Its version.</param>
/// <param name="DeletedAt">The version of the last delete when it came after the image; null while the row lives.</param>
public sealed record Fate(Image? Image, long Version, long? DeletedAt);

/// <summary>The promise in memory: all changes in the order of their versions, one after the other.</summary>
public static class Oracle
{
    /// <summary>The fate of each key that some of a history's files, or repairs, speak of.</summary>
    /// <param name="history">The history.</param>
    /// <param name="files">The files that are merged.</param>
    /// <param name="repairs">What proofs have repaired, as changes of the versions of their markers.</param>
    public static Dictionary<int, Fate> Of(History history, IReadOnlyList<LakeFile> files, IReadOnlyList<Change> repairs)
    {
        var floor = files.Any(file => file.IsWhole) ? history.Floor : -1;
        var told = files.SelectMany(file => file.Changes.Select(change => (Change: change, file.HasExtra, file.IsWhole)))
            .Concat(repairs.Select(change => (Change: change, HasExtra: true, IsWhole: false)))
            .Where(entry => entry.IsWhole || entry.Change.Version > floor)
            .DistinctBy(entry => (entry.Change.Key, entry.Change.Version))
            .OrderBy(entry => entry.Change.Version);
        var fates = new Dictionary<int, Fate>();
        foreach (var (change, hasExtra, _) in told)
        {
            if (change.OldKey is { } old && old != change.Key)
                fates[old] = Deleted(old, change.Version);
            if (change.Image is not { } image)
                fates[change.Key] = Deleted(change.Key, change.Version);
            else if (history.RetriesAfter is not null || !image.IsRefused())
                fates[change.Key] = new Fate(
                    Known(image, change.Operation, Living(change.Key)?.Image, hasExtra, history), change.Version, null);
        }

        return fates;

        // A row that was deleted softly shows its last image still, and the row that has the key next is another one.
        Fate? Living(int key) => fates.GetValueOrDefault(key) is { DeletedAt: null } fate ? fate : null;

        Fate Deleted(int key, long version)
        {
            var before = fates.GetValueOrDefault(key);
            return new Fate(history.SoftDeletes ? before?.Image : null, before?.Version ?? 0, version);
        }
    }

    private static Image Unsaid(History history) =>
        history.HasDefaults ? new Image(0, Image.DefaultBody, Image.DefaultExtra) : new Image(0, null, null);

    private static Image Known(Image told, char operation, Image? before, bool hasExtra, History history) => told with
    {
        Body = operation == 'U' && history.KeepOnNull && told.Body is null ? (before ?? Unsaid(history)).Body : told.Body,
        Extra = hasExtra ? told.Extra : (before ?? Unsaid(history)).Extra,
    };
}
