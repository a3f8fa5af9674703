using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Local.Capture;

/// <summary>The first part of a capture's life: publication, slot and full load, between two checkpoints.</summary>
internal sealed class Snapshot(CaptureRun run, Slot slot, NpgsqlConnection connection)
{
    /// <summary>Takes a snapshot of every table that can be captured.</summary>
    /// <param name="older">
    /// The checkpoint of a generation that shall not go on, or of a snapshot that was killed; null in a lake without one.
    /// </param>
    /// <returns>The checkpoint from which the stream goes on.</returns>
    /// <exception cref="CdcDmsException">No table can be captured, or the lake holds files of another.</exception>
    public async Task<Checkpoint> TakeAsync(Checkpoint? older, CancellationToken cancellationToken)
    {
        // What a killed snapshot has written stays as a generation that is never complete.
        var generation = Math.Max((older?.Generation ?? 0) + 1, run.Options.Generation ?? 1);
        if (generation > LakeLayout.MostGenerations)
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"The lake {run.Options.Lake} has {LakeLayout.MostGenerations} generations, which is as many as it can have; "
                + "use a new prefix and new targets.");
        var found = await FindAsync(run.Options.Tables, cancellationToken);
        if (found.Tables.Count == 0)
            throw new CdcDmsException(ErrorKind.BadDefinition, string.Join(' ', found.Refused.Select(table => table.Reason)));
        run.Refuse(found.Refused);
        await CheckUnusedAsync(older, generation, cancellationToken);
        IReadOnlyList<SourceTable> tables = [.. found.Tables, .. await MarkersAsync(cancellationToken)];
        await slot.DropAsync(connection, cancellationToken);
        var startedUtc = await connection.SingleAsync("SELECT clock_timestamp()", row => row.GetDateTime(0), cancellationToken);
        await using var replication = await run.Source.OpenReplicationAsync(cancellationToken);
        var system = await replication.IdentifySystem(cancellationToken);
        var checkpoint = Checkpoint.First(
            generation,
            slot.Name,
            system.SystemId,
            system.Timeline,
            await CatalogTables.DescribeAsync(connection, slot.Name, tables, cancellationToken));
        run.Generation = checkpoint.Generation;
        // Before the slot and the first file exist: whatever a kill leaves behind is then known to be a snapshot's.
        await run.Checkpoint.WriteAsync(checkpoint, cancellationToken);
        try
        {
            // First the publication: changes that were written before it existed could never be read.
            await BlockedSession.WatchAsync(
                run, connection.ProcessID, Publication.CreateAsync(connection, slot.Name, tables, cancellationToken));
            var created = await BlockedSession.WatchAsync(
                run, replication.ProcessID, slot.CreateAsync(replication, cancellationToken));
            var load = new FullLoad(run, slot.Name);
            var loaded = await load.WriteAsync(
                [.. tables.Select(table => table.Definition)],
                created.SnapshotName!,
                startedUtc,
                cancellationToken);
            checkpoint = checkpoint with
            {
                Phase = CapturePhase.Stream,
                Lsn = created.ConsistentPoint.ToString(),
                Tables = loaded,
                Unloaded = load.Hidden.Count > 0 ? load.Hidden : null,
                Marks = run.Marks.All,
            };
        }
        catch (Exception fault) when (fault is CdcDmsException or NpgsqlException or OperationCanceledException)
        {
            // Nobody can drop a slot while its walsender lives.
            await replication.DisposeAsync();
            await slot.RemoveAsync(connection);
            throw;
        }

        // Whether a write that failed, or whose answer was not waited for, took place nobody knows: the slot stays. If it did not, the next
        // start drops the slot and begins anew.
        await run.Checkpoint.WriteAsync(checkpoint, CancellationToken.None);
        return checkpoint;
    }

    private async Task<SourceTables> FindAsync(IReadOnlyList<TableDefinition> definitions, CancellationToken cancellationToken) =>
        (await SourceTables.ReadAsync(connection, run.Source.Name, definitions, cancellationToken)).OfNewCapture();

    /// <summary>
    /// The table of markers, made where it is missing. A capture goes on without it.
    /// </summary>
    private async Task<IReadOnlyList<SourceTable>> MarkersAsync(CancellationToken cancellationToken)
    {
        try
        {
            await MarkerSchema.EnsureAsync(connection, cancellationToken);
        }
        catch (CdcDmsException fault)
        {
            run.WithoutMarkers(fault.Message);
            return [];
        }

        var found = await FindAsync([MarkerTable.Definition], cancellationToken);
        foreach (var refused in found.Refused)
            run.WithoutMarkers(refused.Reason);
        if (found.Tables.Count > 0)
            run.AddMarkers();
        return found.Tables;
    }

    private async Task CheckUnusedAsync(Checkpoint? older, int generation, CancellationToken cancellationToken)
    {
        var newest = await run.Lake.NewestGenerationAsync(cancellationToken);
        if (older is null && newest > 0)
            throw new CdcDmsException(ErrorKind.BadDefinition,
                $"The lake {run.Options.Lake} already holds files but no checkpoint of a capture, so they are another's; "
                + "use a new prefix.");
        if (newest >= generation)
            throw new CdcDmsException(ErrorKind.BadDefinition,
                $"The lake {run.Options.Lake} has files of generation {newest}, which no capture has written that its checkpoint knows; "
                + (newest < LakeLayout.MostGenerations
                    ? $"begin a later one with --generation {newest + 1}, or remove the files if nobody has merged them."
                    : "use a new prefix and new targets."));
    }
}
