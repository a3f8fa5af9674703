using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Merging;

/// <summary>Looks for a table's files that are in the lake and not in the ledger.</summary>
/// <param name="lake">The lake.</param>
/// <param name="session">The table.</param>
/// <param name="record">The table's record in the ledger.</param>
/// <param name="time">Decides when the lake is to be listed whole again.</param>
internal sealed class WaitingSearch(LakeReader lake, TargetSession session, TableRecord record, TimeProvider time)
{
    // Folders in which no file should be new any more are looked through daily.
    private static readonly TimeSpan SweepInterval = TimeSpan.FromDays(1);

    /// <summary>Lists the table's folders, or as much of them as can have new files.</summary>
    /// <exception cref="CdcDmsException">The lake cannot be read, or a manifest in it.</exception>
    public async Task<WaitingFiles> RunAsync(CancellationToken cancellationToken)
    {
        session.RefuseOtherLake(record, lake.Lake);
        var listedUtc = time.GetUtcNow().UtcDateTime;
        if (session.Table.Feed is { } feed)
            return await OfFeedAsync(feed, listedUtc, cancellationToken);

        var manifests = new Manifests(lake, session, record);
        var complete = await lake.NewestManifestAsync(session.Table.Source, cancellationToken);
        var waiting = new List<WaitingGeneration>();
        var isWhole = true;
        foreach (var generation in await GenerationsAsync(complete, cancellationToken))
        {
            var recent = RecentFolder(generation, listedUtc);
            var listed = await ListAsync(generation, recent, cancellationToken);
            waiting.Add(new WaitingGeneration(
                generation, listed, await session.Ledger.Files.PendingAsync(listed, cancellationToken), NewestFolder(generation, listed)));
            isWhole &= recent is null;
        }

        var loads = await new RepeatedLoads(lake, session, record).LeaveOutOrRefuseAsync(waiting, cancellationToken);
        var known = loads.Select(load => lake.Lake.GenerationOf(load.Key)).Concat(record.Generations.Keys);
        return new WaitingFiles(
            await manifests.ToReplaceOlderAsync(complete, cancellationToken),
            loads,
            [.. waiting.SelectMany(generation => generation.Changes)],
            ListingOf(listedUtc, isWhole, waiting.ToDictionary(generation => generation.Number, generation => generation.NewestFolder)))
        {
            LoadsFillGaps = known.Distinct().Count() == 1,
            HasOlderRows = record.HasOlderRows,
        };
    }

    /// <summary>The generations that are listed: whatever generations below a complete one hold is stale.</summary>
    /// <exception cref="CdcDmsException">The table has files outside of them.</exception>
    private async Task<List<int>> GenerationsAsync(int complete, CancellationToken cancellationToken)
    {
        if (record.Generations.Count == 0 || record.Generations.ContainsKey(0))
            await RefuseOutsideAsync(cancellationToken);
        var generations = await lake.GenerationsAsync(cancellationToken).ToListAsync(cancellationToken);
        return [.. generations.Where(number => number >= Math.Max(record.FloorGeneration, complete))];
    }

    private async Task RefuseOutsideAsync(CancellationToken cancellationToken)
    {
        var outside = lake.Lake.Key($"{session.Table.Schema}/{session.Table.Name}/");
        var listed = await lake.ListAsync(outside, startAfter: null, cancellationToken)
            .Where(found => found.Bytes > 0 && ChangeFileName.IsOfDms(found.Key)).ToListAsync(cancellationToken);
        if (await session.Ledger.Files.PendingAsync(listed, cancellationToken) is [var first, ..])
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"{session.Table.Source} cannot be merged: {first.Key} is in the folder of no generation; let the task write below "
                + $"s3://{lake.Lake.Bucket}/{lake.Lake.Key(LakeLayout.GenerationFolder(1))} (its endpoint's BucketFolder), and take such "
                + "files out of the lake once a full load of that generation has their rows.");
    }

    private async Task<List<LakeObject>> ListAsync(int generation, string? recent, CancellationToken cancellationToken)
    {
        var prefix = lake.Lake.TablePrefix(session.Table.Source, generation);
        // Names of full-load files sort after those of date folders, so they are always listed.
        var listed = await ListAsync(prefix, recent, ChangeFileName.IsOfDms, "that DMS writes as Parquet", cancellationToken);
        if (recent is not null)
            listed.InsertRange(0, await RejectedBeforeAsync(prefix, recent, cancellationToken));
        return listed;
    }

    private async Task<WaitingFiles> OfFeedAsync(TableFeed feed, DateTime listedUtc, CancellationToken cancellationToken)
    {
        var listed = await ListAsync(
            lake.Lake.Key(feed.Prefix), startAfter: null, DataFileName.IsData, "that ends in .parquet, .parq or .pq", cancellationToken);
        var pending = await session.Ledger.Files.PendingAsync(listed, cancellationToken);
        return new WaitingFiles(
            Complete: null, Loads: [], pending, ListingOf(listedUtc, isWhole: true, new Dictionary<int, string?>()))
        {
            LoadsFillGaps = false,
            HasOlderRows = false,
        };
    }

    private Listing ListingOf(DateTime listedUtc, bool isWhole, IReadOnlyDictionary<int, string?> newestFolders) =>
        new(listedUtc, isWhole, newestFolders, record.LakeUtc, record.Restarts);

    /// <summary>Lists the objects that hold rows. DMS has written empty ones when a task started or stopped: these hold none.</summary>
    /// <param name="folder">Start of the keys.</param>
    /// <param name="startAfter">Only what comes after this in the folder; null for all.</param>
    /// <param name="isData">Tells by its path in the folder whether an object holds rows.</param>
    /// <param name="names">Which names it looks for, for a message.</param>
    /// <exception cref="CdcDmsException">There are objects in the whole folder, and none of them is data.</exception>
    private async Task<List<LakeObject>> ListAsync(
        string folder, string? startAfter, Func<string, bool> isData, string names, CancellationToken cancellationToken)
    {
        var data = new List<LakeObject>();
        LakeObject? other = null;
        await foreach (var found in lake.ListAsync(folder, startAfter is null ? null : folder + startAfter, cancellationToken))
        {
            var path = found.Key[folder.Length..];
            if (found.Bytes == 0)
                continue;
            if (isData(path))
                data.Add(found);
            else if (!DataFileName.IsHidden(path))
                other ??= found;
        }

        return data.Count > 0 || other is null || startAfter is not null
            ? data
            : throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"{session.Table.Source} cannot be merged: s3://{lake.Lake.Bucket}/{folder} holds {other.Key} and no file {names}; "
                + "correct the task's data format, the files' names or the definition.");
    }

    /// <summary>What stands in the place of rejected files before a key, where a listing that begins there does not see it.</summary>
    private async Task<List<LakeObject>> RejectedBeforeAsync(string prefix, string start, CancellationToken cancellationToken)
    {
        var found = new List<LakeObject>();
        foreach (var key in await session.Ledger.Files.RejectedKeysAsync(cancellationToken))
            if (key.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(key, prefix + start) <= 0)
                found.AddRange(await lake.ListAsync(key, startAfter: null, cancellationToken)
                    .Where(replaced => replaced.Key == key && replaced.Bytes > 0).ToListAsync(cancellationToken));
        return found;
    }

    /// <summary>The date folder from which on files can be new; null when that may be any.</summary>
    private string? RecentFolder(int generation, DateTime nowUtc)
    {
        if (record is not { SweptUtc: { } swept, DrainedUtc: { } drained }
            // Also when a clock was ahead once.
            || (nowUtc - swept).Duration() > SweepInterval
            || KnownFolder(generation) is not { } newest)
            return null;
        return newest.NotAfter(DateOnly.FromDateTime(drained).AddDays(1)).Recent.ToString();
    }

    /// <summary>The newest date folder so far; null when there is none, or one that does not sort by date.</summary>
    private string? NewestFolder(int generation, IEnumerable<LakeObject> listed)
    {
        var prefix = lake.Lake.TablePrefix(session.Table.Source, generation);
        var newest = KnownFolder(generation);
        foreach (var found in listed.Where(found => ChangeFileName.IsCdc(found.Key)))
        {
            if (DateFolder.Of(found.Key[prefix.Length..]) is not { } folder)
                return null;
            if (newest is null || folder.Date >= newest.Date)
                newest = folder;
        }

        return newest?.ToString();
    }

    private DateFolder? KnownFolder(int generation) =>
        record.Generations.GetValueOrDefault(generation) is { } known ? DateFolder.Of(known) : null;
}
