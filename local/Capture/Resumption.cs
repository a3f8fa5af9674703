using System.Globalization;
using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using Npgsql;
using Npgsql.Replication;
using NpgsqlTypes;

namespace CdcDms.Local.Capture;

/// <summary>Where the stream goes on.</summary>
/// <param name="Checkpoint">The checkpoint, with the source's timeline of now.</param>
/// <param name="Confirmed">The position from which on the slot sends transactions: the checkpoint's, or one before it.</param>
internal sealed record Resumed(Checkpoint Checkpoint, NpgsqlLogSequenceNumber Confirmed);

/// <summary>Whether the stream can go on at a checkpoint without leaving out a change.</summary>
internal sealed class Resumption(CaptureRun run, Slot slot, NpgsqlConnection connection)
{
    /// <summary>Compares the checkpoint with the definitions, the slot and the source's WAL.</summary>
    /// <exception cref="CdcDmsException">The stream cannot go on; the sentence says why.</exception>
    public async Task<Resumed> CheckAsync(
        LogicalReplicationConnection replication, Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        await new CapturedDefinitions(run, slot, connection).CheckAsync(checkpoint, cancellationToken);
        if (await slot.WhyLostAsync(connection, cancellationToken) is { } reason)
            throw run.Lost(reason);
        var position = NpgsqlLogSequenceNumber.Parse(checkpoint.Lsn);
        var confirmed = await slot.PositionAsync(connection, cancellationToken);
        if (confirmed > position)
            throw run.Lost(
                $"replication slot {slot.Name} of {run.Source.Name} was made anew or read by another: it stands at {confirmed}, and what "
                + $"was committed between the checkpoint's {position} and there is sent no more");
        var resumed = new Resumed(await OnTimelineAsync(replication, checkpoint, position, cancellationToken), confirmed ?? position);
        if (resumed.Checkpoint.Timeline != checkpoint.Timeline)
            await MarkUploadedAsync(checkpoint, cancellationToken);
        var captured = checkpoint.Tables.Select(table => table.TableName);
        foreach (var name in run.Options.GiveUp.Intersect(captured).Where(name => !run.Marks.IsGivenUp(name)))
            run.Marks.Add(name, MarkKind.GivenUp, "its capture was ended by --give-up");
        return resumed;
    }

    /// <summary>
    /// Marks the tables that have files of which no checkpoint speaks. After a kill the same changes come again; another server may never
    /// have had them.
    /// </summary>
    private async Task MarkUploadedAsync(Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        foreach (var table in checkpoint.Tables.Select(table => table.TableName).Where(name => !run.Marks.IsGivenUp(name)))
            // Nobody repairs the table of markers: a number that comes again has two versions then, which proofs allow for.
            if (table != MarkerTable.Name
                && (await run.Lake.HasNewerAsync(table, checkpoint.Generation, checkpoint.LastFileUtc ?? default, cancellationToken)
                    || (checkpoint.Unloaded?.Contains(table.ToString()) == true
                        && await run.Lake.LastLoadAsync(table, checkpoint.Generation, cancellationToken) > 0)))
                run.Marks.Add(
                    table,
                    MarkKind.Unproven,
                    "files were written after the last checkpoint before the source failed over or was restored, and may have changes that "
                    + "it has lost");
    }

    // PostgreSQL would take a position beyond its WAL, and leave out every transaction that commits below it.
    private async Task<Checkpoint> OnTimelineAsync(
        LogicalReplicationConnection replication,
        Checkpoint checkpoint,
        NpgsqlLogSequenceNumber position,
        CancellationToken cancellationToken)
    {
        var now = await replication.IdentifySystem(cancellationToken);
        if (now.SystemId != checkpoint.System)
            throw run.Lost(
                $"{run.Source.Name} is another database cluster ({now.SystemId}) than the one that was captured ({checkpoint.System})");
        if (now.Timeline != checkpoint.Timeline)
        {
            var end = EndOf(checkpoint.Timeline, await HistoryAsync(now.Timeline, cancellationToken));
            if (!(position <= end))
                throw run.Lost(
                    $"the WAL of {run.Source.Name} is on timeline {now.Timeline}, which left the captured timeline {checkpoint.Timeline} "
                    + $"{(end is null ? "before it began" : $"at {end}")}, and the checkpoint is at {position}, as after a restore or a "
                    + "failover that lost the last changes");
        }

        if (position > now.XLogPos)
            throw run.Lost(
                $"the checkpoint is at {position}, and the WAL of {run.Source.Name} ends at {now.XLogPos}, as after a restore or a "
                + "failover that lost the last changes");
        return checkpoint with { Timeline = now.Timeline };
    }

    // By a query: Npgsql cannot read the answer that TIMELINE_HISTORY gives since PostgreSQL 15, which is a text.
    private async Task<string> HistoryAsync(uint timeline, CancellationToken cancellationToken)
    {
        try
        {
            const string read = "SELECT coalesce(pg_read_file($1, true), '')";
            return await connection.ScalarAsync<string>(read, cancellationToken, $"pg_wal/{timeline:X8}.history");
        }
        catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            throw run.Lost(
                $"the WAL of {run.Source.Name} is on another timeline now ({timeline}), as after a failover or a restore, and only a "
                + "role with pg_read_server_files can see whether the checkpoint lies before its beginning; grant that and start "
                + "again, if you can",
                fault);
        }
    }

    /// <summary>Where a timeline ended; null when it is none of the history's.</summary>
    /// <param name="history">
    /// A timeline history file: a line for each former timeline, its number and its end parted by tabs (PostgreSQL, "Timelines").
    /// </param>
    internal static NpgsqlLogSequenceNumber? EndOf(uint timeline, string history)
    {
        var number = timeline.ToString(CultureInfo.InvariantCulture);
        foreach (var line in history.Split('\n'))
            if (line.Split('\t', StringSplitOptions.TrimEntries) is [var former, var end, ..] && former == number)
                return NpgsqlLogSequenceNumber.Parse(end);
        return null;
    }
}
