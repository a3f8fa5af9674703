using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Local.Capture;

/// <summary>
/// The local stand-in for a DMS task with full load and CDC: reads a PostgreSQL source's tables and WAL and writes the files that DMS
/// writes.
/// </summary>
/// <remarks>
/// As with DMS, the slot stays when the capture ends, and the source keeps the WAL that it has not confirmed. When a capture is given up
/// for good, drop the slot and the publication at the source; both are named <c>cdcdms_</c> and 12 digits, made from the names of the
/// lake and of its server.
/// </remarks>
public static class CaptureJob
{
    /// <summary>
    /// Captures until it is cancelled or idle. A lake without a checkpoint, or with an older generation than is asked for, gets a snapshot
    /// first; a capture killed in its snapshot begins a new generation; one killed later resumes, losing no change and repeating some with
    /// the same sequences. Cancelling is orderly: what was read is written and the position kept; a transaction cut in the middle is read
    /// again.
    /// </summary>
    /// <param name="options">What to capture.</param>
    /// <returns>What this run has done.</returns>
    /// <exception cref="CdcDmsException">
    /// Before anything is changed: the source or the lake cannot be used, or none of the tables can be captured. Later: source or lake
    /// failed, or no table is left. A table that cannot go on is given up, told in a warning and counted.
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
            // In the stream a cancellation is an ordinary end.
            if (run is { Phase: CapturePhase.Snapshot, Generation: > 0 })
                run.Report("The snapshot was cut off, and nothing of it counts: the next start of the capture begins it anew.");
        }
        catch (NpgsqlException fault)
        {
            throw await FailedAsync(run, fault);
        }

        return run.Totals;
    }

    private static async Task RunAsync(CaptureRun run, CancellationToken cancellationToken)
    {
        await using var connection = await run.Source.OpenAsync(cancellationToken);
        if (await connection.ScalarAsync<bool>("SELECT pg_is_in_recovery()", cancellationToken))
            throw new CdcDmsException(ErrorKind.Unavailable,
                $"The source {run.Source.Name} is a standby, which the capture cannot write to; connect to its primary, or promote it.");
        var walLevel = await connection.ScalarAsync<string>("SHOW wal_level", cancellationToken);
        if (walLevel != "logical")
            throw new CdcDmsException(ErrorKind.Unavailable,
                $"The source {run.Source.Name} has wal_level {walLevel}, so its changes cannot be read; set wal_level = logical and "
                + "restart it.");
        var slot = Slot.Of(run);
        // The capture that has the lock may still write the checkpoint.
        await slot.LockAsync(connection, cancellationToken);
        var checkpoint = await run.Checkpoint.ReadAsync(cancellationToken);
        if (checkpoint is not null && checkpoint.Slot != slot.Name)
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"The checkpoint in {run.Options.Lake} is of a capture by another S3 endpoint, or was copied from another lake "
                + $"(its slot is {checkpoint.Slot}, and this one's {slot.Name}); give the endpoint that the capture began "
                + "with, or use a new prefix.");
        var isNew = checkpoint is not { Phase: CapturePhase.Stream } || run.Options.Generation > checkpoint.Generation;
        var captured = checkpoint?.Tables.Select(table => table.TableName) ?? [];
        CapturedDefinitions.CheckGiveUp(run, isNew ? run.Options.Tables.Select(table => table.Source).Concat(captured) : captured);
        if (!isNew)
        {
            run.Phase = CapturePhase.Stream;
            run.Lake.LastMadeUtc = checkpoint!.LastFileUtc ?? default;
            run.Generation = checkpoint.Generation;
            if (checkpoint.Tables.Any(table => table.TableName == MarkerTable.Name))
                run.AddMarkers();
            else
                run.WithoutMarkers(
                    $"The generation {run.Generation} of {run.Options.Lake} began without table {MarkerTable.Name}; to have markers, make "
                    + "the table with the statements that preflight --fix-sql prints, and start the capture with --generation "
                    + $"{run.Generation + 1}.");
            run.Marks.Resume(checkpoint.Marks);
        }
        else
        {
            checkpoint = await new Snapshot(run, slot, connection).TakeAsync(checkpoint, cancellationToken);
        }

        run.Phase = CapturePhase.Stream;
        run.Report();
        await using var replication = await run.Source.OpenReplicationAsync(cancellationToken);
        var resumed = await new Resumption(run, slot, connection).CheckAsync(replication, checkpoint, cancellationToken);
        var added = new JoiningTables(run, slot, connection);
        if (!isNew)
            resumed = resumed with { Checkpoint = await added.JoinAsync(resumed.Checkpoint, cancellationToken) };
        await added.BeginAsync(resumed.Checkpoint, cancellationToken);
        var watch = new TableWatch(run, slot, connection, resumed.Checkpoint.Tables);
        var tables = await watch.CheckAsync(cancellationToken);
        await new WalStream(run, slot, connection, watch, added, resumed).RunAsync(replication, tables, cancellationToken);
    }

    /// <summary>What to tell of a failure of the source. Whether a capture can go on after it depends on the slot.</summary>
    private static async Task<CdcDmsException> FailedAsync(CaptureRun run, NpgsqlException fault)
    {
        if (run.Phase == CapturePhase.Snapshot)
            return run.Source.Failed(fault, "a snapshot that was not completed begins from its first row");
        // The same row will fail at each start: its class of error (values, a program's limits, internal errors) does not pass by itself.
        if (fault is PostgresException { Where: { } where } row && where.Contains("change callback", StringComparison.Ordinal)
            && row.SqlState[..2] is "22" or "54" or "XX")
            return run.Lost($"{run.Source.Name} cannot send a change ({row.MessageText}; {where}), and the others are behind it", fault);
        try
        {
            await using var connection = await run.Source.OpenAsync(CancellationToken.None);
            var slot = Slot.Of(run);
            return await slot.WhyLostAsync(connection, CancellationToken.None) is { } reason
                ? run.Lost(reason, fault)
                // What it says of now would be another sentence, and what was committed meanwhile can never be decoded.
                : fault is PostgresException { SqlState: PostgresErrorCodes.UndefinedObject } gone
                    && gone.MessageText.Contains(slot.Name, StringComparison.Ordinal)
                ? run.Lost(
                    $"publication {slot.Name} was gone from {run.Source.Name} for a time, and what was committed meanwhile cannot be sent",
                    fault)
                : run.Source.Failed(fault, "it goes on from its checkpoint");
        }
        catch (Exception unreachable) when (unreachable is NpgsqlException or CdcDmsException)
        {
            return run.Source.Failed(fault, "it goes on from its checkpoint if its replication slot is still there");
        }
    }
}
