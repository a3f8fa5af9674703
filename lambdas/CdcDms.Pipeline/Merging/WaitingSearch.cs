using System.Numerics;
using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Changes;
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
    // Date folders are commit dates, and DMS reads commits in their order. So new files come into the newest folder of which any was
    // merged or behind it, however long the task stood still, and some late ones shortly before it. The rest is looked through daily.
    private const int LookbackDays = 2;
    private static readonly TimeSpan SweepInterval = TimeSpan.FromDays(1);

    /// <summary>Lists the table's folder, or as much of it as can have new files.</summary>
    /// <exception cref="CdcDmsException">The lake cannot be read, or a manifest in it.</exception>
    public async Task<WaitingFiles> RunAsync(CancellationToken cancellationToken)
    {
        var listedUtc = time.GetUtcNow().UtcDateTime;
        if (session.Table.Feed is { } feed)
            return await OfFeedAsync(feed, listedUtc, cancellationToken);

        var generation = await GenerationAsync(cancellationToken);
        var prefix = lake.Lake.TablePrefix(session.Table.Source);
        var recent = RecentFolder(listedUtc);
        // Names of full-load files sort after those of date folders, so they are always listed.
        var listed = await ListAsync(prefix, recent, ChangeFileName.IsOfDms, "that DMS writes as Parquet", cancellationToken);
        if (recent is not null)
            listed.InsertRange(0, await RejectedBeforeAsync(prefix + recent, cancellationToken));
        var pending = await session.Ledger.Files.PendingAsync(listed, cancellationToken);
        var byKind = pending.ToLookup(found => ChangeFileName.IsLoad(found.Key));
        List<LakeObject> loads = [.. byKind[true]], changes = [.. byKind[false]];
        if (generation is null)
            await new RepeatedLoads(lake, session, record).RefuseAsync(loads, changes, cancellationToken);
        var newest = NewestFolder(listed.Where(found => ChangeFileName.IsCdc(found.Key)).Select(found => found.Key[prefix.Length..]));
        return new WaitingFiles(generation, loads, changes, new Listing(listedUtc, Whole: recent is null, newest));
    }

    private async Task<WaitingFiles> OfFeedAsync(TableFeed feed, DateTime listedUtc, CancellationToken cancellationToken)
    {
        var listed = await ListAsync(
            lake.Lake.Key(feed.Prefix), startAfter: null, DataFileName.IsData, "that ends in .parquet, .parq or .pq", cancellationToken);
        var pending = await session.Ledger.Files.PendingAsync(listed, cancellationToken);
        return new WaitingFiles(Generation: null, Loads: [], pending, new Listing(listedUtc, Whole: true, NewestFolder: null));
    }

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
    private async Task<List<LakeObject>> RejectedBeforeAsync(string start, CancellationToken cancellationToken)
    {
        var found = new List<LakeObject>();
        foreach (var key in await session.Ledger.Files.RejectedKeysAsync(cancellationToken))
            if (string.CompareOrdinal(key, start) <= 0)
                found.AddRange(await lake.ListAsync(key, startAfter: null, cancellationToken)
                    .Where(replaced => replaced.Key == key && replaced.Bytes > 0).ToListAsync(cancellationToken));
        return found;
    }

    /// <summary>The date folder from which on files can be new; null when that may be any.</summary>
    private string? RecentFolder(DateTime nowUtc)
    {
        if (record is not { SweptUtc: { } swept, DrainedUtc: { } drained, NewestFolder: { } known }
            || nowUtc - swept > SweepInterval
            || DateFolder.Of(known) is not { } newest)
            return null;
        // A folder of the future, by whatever mistake, hides no others.
        var tomorrow = DateOnly.FromDateTime(drained).AddDays(1);
        return (newest with { Date = (newest.Date < tomorrow ? newest.Date : tomorrow).AddDays(-LookbackDays) }).ToString();
    }

    /// <summary>The newest date folder so far; null when there is none, or one that does not sort by date.</summary>
    private string? NewestFolder(IEnumerable<string> paths)
    {
        var newest = record.NewestFolder is { } known ? DateFolder.Of(known) : null;
        foreach (var path in paths)
        {
            if (DateFolder.Of(path) is not { } folder)
                return null;
            if (newest is null || folder.Date >= newest.Date)
                newest = folder;
        }

        return newest?.ToString();
    }

    /// <summary>The newest generation that is complete and not swapped in yet; the first (version 0) needs no swap.</summary>
    private async Task<WaitingGeneration?> GenerationAsync(CancellationToken cancellationToken)
    {
        // The keys end in versions of fixed width, so the last is the newest.
        var newest = await lake.ListAsync(lake.Lake.ManifestPrefix(session.Table.Source), startAfter: null, cancellationToken)
            .LastOrDefaultAsync(cancellationToken);
        if (newest is null || !ChangeVersion.TryParse(Path.GetFileNameWithoutExtension(newest.Key), out var version))
            return null;
        if ((BigInteger)version.Value <= record.Generation)
            return null;

        var manifest = await ManifestAsync(newest, cancellationToken);
        var files = await FilesAsync(newest, manifest, cancellationToken);
        // With a file that cannot be read the generation is not complete; what else it has still fills gaps.
        return await session.Ledger.Files.AnyRejectedAsync(files, cancellationToken)
            ? null
            : new WaitingGeneration(version.Value, files, manifest.Rows);
    }

    private async Task<SnapshotManifest> ManifestAsync(LakeObject found, CancellationToken cancellationToken)
    {
        try
        {
            return JsonSerializer.Deserialize(await lake.TextAsync(found, cancellationToken), ContractJson.Default.SnapshotManifest)
                ?? throw new JsonException("it is null");
        }
        catch (JsonException fault)
        {
            throw new CdcDmsException(ErrorKind.BadData, $"The manifest {found.Key} cannot be read: {fault.Message}", fault);
        }
    }

    /// <summary>The files that a manifest names, as they are in the lake.</summary>
    private async Task<List<LakeObject>> FilesAsync(LakeObject found, SnapshotManifest manifest, CancellationToken cancellationToken)
    {
        var listed = await lake.ListAsync(lake.Lake.TablePrefix(session.Table.Source), startAfter: null, cancellationToken)
            .Where(file => ChangeFileName.IsLoad(file.Key)).ToDictionaryAsync(file => file.Key, cancellationToken: cancellationToken);
        return [.. manifest.Objects.Select(wanted => listed.TryGetValue(wanted.Key, out var file) && file.ETag == wanted.ETag
            ? file
            : throw new CdcDmsException(
                ErrorKind.Conflict,
                $"The manifest {found.Key} names {wanted.Key}, which is gone or was replaced; a newer snapshot must complete first."))];
    }
}
