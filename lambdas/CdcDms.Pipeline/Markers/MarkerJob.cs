using System.Data;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.DuckDb;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Retention;
using Npgsql;

namespace CdcDms.Pipeline.Markers;

/// <summary>
/// Merges markers from the lake into the ledger. What a listing of a table proves rests on the markers that were merged before it, so
/// markers are merged before tables.
/// </summary>
/// <param name="lake">Where the change files are.</param>
/// <param name="targetConnection">Connection string of the analytics database.</param>
/// <param name="time">Decides which files are old; the system's clock when null.</param>
public sealed class MarkerJob(LakeReader lake, string targetConnection, TimeProvider? time = null)
{
    private const int MostFilesTogether = 1000;
    private const int MemoryMegabytes = 64;

    /// <summary>Days after which files that were merged are deleted; null to keep them.</summary>
    public int? RetentionDays { get; init; }

    /// <summary>Merges all markers that wait.</summary>
    /// <exception cref="CdcDmsException">The lake or the analytics database cannot be used.</exception>
    public Task<MergeMarkersOutput> MergeAsync(CancellationToken cancellationToken) => Database.WithAnalyticsAsync(
        targetConnection, "Markers were not merged", connection => MergeAsync(connection, cancellationToken), cancellationToken);

    private async Task<MergeMarkersOutput> MergeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var markers = new MarkerLedger(connection, lake.Lake);
        var ledger = await TableLedger.FindAsync(connection, markers.Name, cancellationToken);
        // Of a lake that fills nothing yet, while others do: most likely somebody has named a wrong one, whose tables are refused.
        if (ledger is null && await TableLedger.AreAllOfOtherLakesAsync(connection, lake.Lake, cancellationToken))
            return Nothing;
        var known = ledger is null ? new Dictionary<int, string?>() : await ledger.Generations.ReadAsync(cancellationToken);
        var (merged, rejected) = (0, 0);
        await foreach (var generation in lake.GenerationsAsync(cancellationToken))
        {
            var newest = known.GetValueOrDefault(generation);
            var listed = await ListAsync(generation, newest, cancellationToken);
            if (listed.Count == 0)
                continue;
            // A lake without markers leaves the analytics database as it is.
            ledger ??= await TableLedger.OpenAsync(connection, markers.Name, cancellationToken);
            foreach (var files in (await ledger.Files.PendingAsync(listed, cancellationToken)).Chunk(MostFilesTogether))
            {
                var faults = await MergeAsync(connection, ledger, generation, files, cancellationToken);
                (merged, rejected) = (merged + files.Length - faults, rejected + faults);
            }

            await ledger.Generations.DrainedAsync(
                new Dictionary<int, string?> { [generation] = NewestFolder(generation, listed) ?? newest }, cancellationToken);
        }

        return ledger is null ? Nothing : new MergeMarkersOutput
        {
            Files = merged,
            FilesRejected = rejected,
            NewestUtc = await markers.NewestUtcAsync(cancellationToken),
            InOrder = await markers.IsInOrderAsync(cancellationToken),
            Deleted = RetentionDays is not { } days ? null : await new KeptDays(days, time ?? TimeProvider.System)
                .DeleteOlderAsync(lake, connection, ledger, MarkerTable.Name, cancellationToken),
        };
    }

    private static MergeMarkersOutput Nothing => new() { Files = 0, FilesRejected = 0, NewestUtc = null, InOrder = true };

    /// <summary>Merges files.</summary>
    /// <returns>How many of them are rejected.</returns>
    private async Task<int> MergeAsync(
        NpgsqlConnection connection, TableLedger ledger, int generation, LakeObject[] files, CancellationToken cancellationToken)
    {
        using var workspace = new ChangeWorkspace(MemoryMegabytes);
        var (read, faults) = Read(workspace, await workspace.FetchAsync(lake, files, cancellationToken), generation);
        foreach (var file in faults)
            await ledger.Files.RejectAsync(file.Object, file.Reason, file.Told, cancellationToken);
        await RecordAsync(connection, ledger, generation, [.. files.Except(faults.Select(file => file.Object))], read, cancellationToken);
        if (faults.Count == 0)
            workspace.KeepDuckDb();
        return faults.Count;
    }

    /// <summary>
    /// The CDC files of markers, from a little before the newest folder on. Rows of LOAD files are no markers. Nothing is missed that comes
    /// later than that into an old folder: a proof whose markers are a day late is void.
    /// </summary>
    private async Task<List<LakeObject>> ListAsync(int generation, string? newestFolder, CancellationToken cancellationToken)
    {
        var prefix = Prefix(generation);
        var from = newestFolder is not null && DateFolder.Of(newestFolder) is { } folder
            ? prefix + folder.NotAfter(Tomorrow).Recent
            : null;
        return await lake.ListAsync(prefix, from, cancellationToken)
            .Where(found => found.Bytes > 0 && ChangeFileName.IsCdc(found.Key)).ToListAsync(cancellationToken);
    }

    private static (List<Marker> Markers, List<RejectedFile> Faults) Read(
        ChangeWorkspace workspace, IReadOnlyList<FetchedFile> files, int generation)
    {
        var (markers, faults) = (new List<Marker>(), new List<RejectedFile>());
        foreach (var file in files)
            try
            {
                markers.AddRange(MarkerFiles.Read(workspace.Connection, file, generation));
            }
            catch (DuckDbException fault) when (!FetchedFile.IsExhaustion(fault))
            {
                faults.Add(file.Rejected(fault));
            }

        return (markers, faults);
    }

    private async Task RecordAsync(
        NpgsqlConnection connection,
        TableLedger ledger,
        int generation,
        IReadOnlyList<LakeObject> files,
        IReadOnlyList<Marker> read,
        CancellationToken cancellationToken)
    {
        await ledger.Generations.NoteAsync(MarkerLedger.Table, [generation], cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
        await ledger.LockAsync(shared: false, cancellationToken);
        await new MarkerLedger(connection, lake.Lake).RecordAsync(read, cancellationToken);
        var rows = new RowCounts { Read = read.Count, Inserted = read.Count };
        await ledger.Files.RecordAsync(files, rows, removed: 0, course: null, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private string? NewestFolder(int generation, IEnumerable<LakeObject> listed)
    {
        var folders = listed.Select(found => DateFolder.Of(found.Key[Prefix(generation).Length..])).ToList();
        return folders.Contains(null) ? null : folders.MaxBy(folder => folder!.Date)?.ToString();
    }

    // A source's clock may have been ahead.
    private DateOnly Tomorrow => DateOnly.FromDateTime((time ?? TimeProvider.System).GetUtcNow().UtcDateTime).AddDays(1);

    private string Prefix(int generation) => lake.Lake.TablePrefix(MarkerTable.Name, generation);
}
