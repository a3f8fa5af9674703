using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace CdcDms.Local.Capture;

/// <summary>
/// The local stand-in for a DMS task with full load and CDC: reads a PostgreSQL source's tables and WAL and writes the files that DMS
/// writes.
/// </summary>
/// <remarks>
/// As with DMS, the slot stays when the capture ends, and the source keeps the WAL that it has not confirmed. When a capture is given up
/// for good, drop the slot and the publication at the source; both are named <c>cdcdms_</c> and 12 digits, made from the lake's name.
/// </remarks>
public static class CaptureJob
{
    /// <summary>
    /// Captures until it is cancelled or idle. A lake without a checkpoint gets a snapshot first; a capture killed in its snapshot makes a
    /// new generation; one killed later resumes, losing no change and repeating some with the same versions. Cancelling is orderly: what
    /// was read is written and the position kept; a transaction cut in the middle is read again.
    /// </summary>
    /// <param name="options">What to capture.</param>
    /// <returns>What this run has done.</returns>
    /// <exception cref="CdcDmsException">
    /// Before anything is changed: the source or the lake cannot be used, or none of the tables can be captured. Later: source or lake
    /// failed, or a value does not fit into DMS's type.
    /// </exception>
    public static async Task<CaptureTotals> RunAsync(CaptureOptions options, CancellationToken cancellationToken)
    {
        TableDefinitions.Check(options.Tables, "The list of tables");
        // Others write the files of a feed.
        var captured = options.Tables.Where(table => table.Feed is null).ToList();
        if (captured.Count == 0)
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                "Every defined table is fed from plain files: there is nothing to capture; merge reads them where they are.");
        using var run = new CaptureRun(options with { Tables = captured });
        try
        {
            await RunAsync(run, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // In the stream a cancellation is an ordinary end; a snapshot that was cut off is begun anew by the next run.
        }
        catch (NpgsqlException fault)
        {
            throw run.Source.Failed(fault);
        }

        return run.Totals;
    }

    private static async Task RunAsync(CaptureRun run, CancellationToken cancellationToken)
    {
        await using var connection = await run.Source.OpenAsync(cancellationToken);
        var walLevel = await connection.ScalarAsync<string>("SHOW wal_level", cancellationToken);
        if (walLevel != "logical")
            throw new CdcDmsException(ErrorKind.Unavailable,
                $"The source {run.Source.Name} has wal_level {walLevel}, so its changes cannot be read; set wal_level = logical and "
                + "restart it.");
        var found = await SourceTables.ReadAsync(connection, run.Source.Name, run.Options.Tables, cancellationToken);
        var checkpoint = await run.Lake.ReadCheckpointAsync(cancellationToken);
        var slot = new Slot(run.Source, Slot.NameFor(run.Options.Lake), run.Options.Clock);
        await slot.LockAsync(connection, cancellationToken);
        var resumed = checkpoint is { Phase: CapturePhase.Stream };
        found = resumed ? found.OfCapture(checkpoint!.Tables, run.Options.Lake) : found.OfNewCapture();
        run.Refuse(found);
        var tables = found.Tables;
        // The changes from here on are captured all the same: those of before are in the lake, and the cure is the source's.
        foreach (var fault in tables.Select(table => table.StreamFault).OfType<string>())
            run.Report(fault);
        checkpoint = resumed
            ? checkpoint!
            : await SnapshotAsync(run, slot, connection, tables, checkpoint, cancellationToken);
        await CheckResumableAsync(run, slot, connection, tables, checkpoint, cancellationToken);
        run.Phase = CapturePhase.Stream;
        run.Report();
        await new WalStream(run, slot, connection, tables, checkpoint).RunAsync(cancellationToken);
    }

    private static async Task<Checkpoint> SnapshotAsync(
        CaptureRun run,
        Slot slot,
        NpgsqlConnection connection,
        IReadOnlyList<SourceTable> tables,
        Checkpoint? killed,
        CancellationToken cancellationToken)
    {
        if (killed is null)
            await CheckUnusedAsync(run, tables, cancellationToken);
        await slot.DropAsync(connection, cancellationToken);
        var startedUtc = await connection.SingleAsync("SELECT clock_timestamp()", row => row.GetDateTime(0), cancellationToken);
        var checkpoint = killed is null
            ? Checkpoint.First(Slot.NameFor(run.Options.Lake), Names(tables))
            : killed.NextGeneration(startedUtc) with { Tables = Names(tables) };
        // Before the slot and the first file exist: whatever a kill leaves behind is then known to be a snapshot's.
        await run.Lake.WriteCheckpointAsync(checkpoint, cancellationToken);
        foreach (var name in killed?.Tables ?? [])
            await run.Lake.DeleteSnapshotAsync(TableName.Parse(name), cancellationToken);
        try
        {
            // First the publication: changes that were written before it existed could never be read.
            await slot.PublishAsync(connection, tables, cancellationToken);
            await using var replication = await run.Source.OpenReplicationAsync(cancellationToken);
            var created = await new SlotCreation(run, slot, connection).CreateAsync(replication, cancellationToken);
            await new FullLoad(run).WriteAsync(
                [.. tables.Select(table => table.Definition)], created.SnapshotName!, checkpoint.Generation, startedUtc, cancellationToken);
            checkpoint = checkpoint with { Phase = CapturePhase.Stream, Lsn = created.ConsistentPoint.ToString() };
            await run.Lake.WriteCheckpointAsync(checkpoint, cancellationToken);
            return checkpoint;
        }
        catch (Exception fault) when (fault is CdcDmsException or NpgsqlException or OperationCanceledException)
        {
            await slot.RemoveAsync(connection);
            throw;
        }
    }

    private static async Task CheckUnusedAsync(CaptureRun run, IReadOnlyList<SourceTable> tables, CancellationToken cancellationToken)
    {
        foreach (var table in tables)
            if (await run.Lake.HasFilesAsync(table.Name, cancellationToken))
                throw new CdcDmsException(ErrorKind.BadDefinition,
                    $"The lake {run.Options.Lake} already holds files of table {table.Name} but no checkpoint of a capture, so they are "
                    + "another's; use a new prefix.");
    }

    private static async Task CheckResumableAsync(
        CaptureRun run,
        Slot slot,
        NpgsqlConnection connection,
        IReadOnlyList<SourceTable> tables,
        Checkpoint checkpoint,
        CancellationToken cancellationToken)
    {
        var lake = run.Options.Lake;
        if (!checkpoint.Tables.SequenceEqual(Names(tables)))
            throw new CdcDmsException(ErrorKind.BadDefinition,
                $"The lake {lake} was captured with other tables ({string.Join(", ", checkpoint.Tables)}); give the same ones, or use a "
                + "new prefix.");
        var position = await slot.PositionAsync(connection, cancellationToken)
            ?? throw Lost($"replication slot {checkpoint.Slot} is gone from {run.Source.Name}");
        if (position > NpgsqlLogSequenceNumber.Parse(checkpoint.Lsn))
            throw Lost(
                $"replication slot {checkpoint.Slot} of {run.Source.Name} stands at {position}, behind which the checkpoint's "
                + $"{checkpoint.Lsn} lies");
        if (!checkpoint.Tables.SequenceEqual(await slot.PublishedAsync(connection, cancellationToken)))
            throw Lost(
                $"publication {checkpoint.Slot} of {run.Source.Name} no longer holds the captured tables, as after a table was dropped and "
                + "created again");

        CdcDmsException Lost(string reason) =>
            new(
                ErrorKind.BadData,
                $"The capture into {lake} cannot go on, since changes may be missing: {reason}. A new snapshot is needed: use a new "
                + "prefix.");
    }

    private static IReadOnlyList<string> Names(IEnumerable<SourceTable> tables) =>
        [.. tables.Select(table => table.Name.ToString()).Order(StringComparer.Ordinal)];
}
