using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.DuckDb;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Ledger;

namespace CdcDms.Pipeline.Markers;

/// <summary>Looks for the newest marker that has come into a lake, whether it was merged or not.</summary>
/// <param name="lake">The lake.</param>
/// <param name="time">Tells today's date, from which on folders are looked through at first.</param>
internal sealed class LakeMarkers(LakeReader lake, TimeProvider time)
{
    private const int MemoryMegabytes = 64;
    private const int LookbackDays = 2;

    // What older passages would be needed for is no newer marker than these.
    private static readonly TimeSpan MostBetweenPassages = TimeSpan.FromDays(7);

    /// <summary>The newest marker of the newest generation that has any; null without one.</summary>
    /// <exception cref="CdcDmsException">The lake cannot be read.</exception>
    public async Task<MarkerPoint?> NewestAsync(CancellationToken cancellationToken)
    {
        var generations = await lake.GenerationsAsync(cancellationToken).ToListAsync(cancellationToken);
        foreach (var generation in generations.OrderDescending())
            if (await NewestAsync(generation, cancellationToken) is { } newest)
                return newest;
        return null;
    }

    private async Task<MarkerPoint?> NewestAsync(int generation, CancellationToken cancellationToken)
    {
        var folder = ChangeFileName.DateFolder(time.GetUtcNow().UtcDateTime.AddDays(-LookbackDays));
        var recent = await FilesAsync(generation, folder, cancellationToken);
        var passed = new Dictionary<(Guid Marker, string List), HashSet<string>>();
        if (await NewestAsync(generation, recent, passed, cancellationToken) is { } newest)
            return newest;
        var known = recent.Select(file => file.Key).ToHashSet(StringComparer.Ordinal);
        var all = await FilesAsync(generation, folder: null, cancellationToken);
        var oldest = all.Count == 0 ? null : ChangeFileName.TimeOf(all[0].Key) - MostBetweenPassages;
        var older = all.Where(file => !known.Contains(file.Key) && ChangeFileName.TimeOf(file.Key) >= oldest);
        return await NewestAsync(generation, older, passed, cancellationToken);
    }

    /// <summary>The CDC files of markers, the newest first.</summary>
    /// <param name="folder">Only from this date folder on; null for all.</param>
    private async Task<List<LakeObject>> FilesAsync(int generation, string? folder, CancellationToken cancellationToken)
    {
        var prefix = lake.Lake.TablePrefix(MarkerTable.Name, generation);
        var files = await lake.ListAsync(prefix, folder is null ? null : prefix + folder, cancellationToken)
            .Where(found => found.Bytes > 0 && ChangeFileName.IsCdc(found.Key)).ToListAsync(cancellationToken);
        return [.. files.OrderByDescending(found => ChangeFileName.TimeOf(found.Key))];
    }

    private async Task<MarkerPoint?> NewestAsync(
        int generation,
        IEnumerable<LakeObject> files,
        Dictionary<(Guid Marker, string List), HashSet<string>> passed,
        CancellationToken cancellationToken)
    {
        using var workspace = new ChangeWorkspace(MemoryMegabytes);
        // A file may hold nothing but markers that were removed or have not passed every shard, or be one that nobody can read.
        foreach (var file in files)
        {
            var read = await ReadAsync(workspace, file, generation, cancellationToken);
            if (read.Where(HasCome).MaxBy(marker => marker.Number) is { } newest)
                return new MarkerPoint(newest.Number, newest.CommittedUtc);
        }

        return null;

        bool HasCome(Marker marker)
        {
            if (marker.Passage is not { } passage)
                return true;
            if (!passed.TryGetValue((marker.Id, passage.List), out var shards))
                passed[(marker.Id, passage.List)] = shards = [];
            shards.Add(passage.Shard);
            return shards.Count == passage.Shards;
        }
    }

    private async Task<List<Marker>> ReadAsync(
        ChangeWorkspace workspace, LakeObject file, int generation, CancellationToken cancellationToken)
    {
        var fetched = await workspace.FetchAsync(lake, [file], cancellationToken);
        try
        {
            return MarkerFiles.Read(workspace.Connection, fetched[0], generation);
        }
        catch (DuckDbException fault) when (!FetchedFile.IsExhaustion(fault))
        {
            return [];
        }
        finally
        {
            FetchedFile.Remove(fetched);
        }
    }
}
