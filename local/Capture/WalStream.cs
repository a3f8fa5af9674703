using CdcDms.Pipeline.Postgres;
using Npgsql;
using Npgsql.Replication;
using Npgsql.Replication.PgOutput.Messages;
using NpgsqlTypes;

namespace CdcDms.Local.Capture;

/// <summary>
/// Streams changes from a checkpoint on. The order that makes a kill harmless: files are uploaded, then the checkpoint is written, then the
/// slot is told. A checkpoint speaks only of transactions that are in the lake as a whole; what came after them is read again after a kill
/// and gets the same versions, since a version depends on nothing but the WAL and the checkpoint.
/// </summary>
internal sealed class WalStream(
    CaptureRun run, Slot slot, NpgsqlConnection catalog, IReadOnlyList<SourceTable> tables, Checkpoint checkpoint)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly TimeProvider _clock = run.Options.Clock;
    private readonly TimeSpan _interval = TimeSpan.FromSeconds(run.Options.IntervalSeconds);
    private Checkpoint _written = checkpoint;
    private DateTime _largestCommitUtc = checkpoint.LargestCommitUtc;
    private NpgsqlLogSequenceNumber _complete = NpgsqlLogSequenceNumber.Parse(checkpoint.Lsn);
    private DateTime? _openCommitUtc;
    private long _lastChange = run.Options.Clock.GetTimestamp();
    private NpgsqlLogSequenceNumber? _idleGoal;

    /// <summary>Runs until it is cancelled or idle, and ends with everything read so far in the lake.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await using var connection = await run.Source.OpenReplicationAsync(cancellationToken);
        using var ended = new CancellationTokenSource();
        await using var writer = new ChangeWriter(run, catalog, tables);
        await using var messages = slot.ReadAsync(connection, _complete, ended.Token).GetAsyncEnumerator(CancellationToken.None);
        var next = messages.MoveNextAsync().AsTask();
        try
        {
            var lastFlush = _clock.GetTimestamp();
            while (!cancellationToken.IsCancellationRequested && !await IsIdleAsync(connection))
            {
                if (!next.IsCompleted)
                    await Task.WhenAny(next, Task.Delay(Tick, _clock, CancellationToken.None));
                if (next.IsCompleted)
                {
                    await next;
                    await TakeAsync(messages.Current, writer);
                    next = messages.MoveNextAsync().AsTask();
                }

                if (_clock.GetElapsedTime(lastFlush) >= _interval)
                {
                    await FlushAsync(writer, connection);
                    lastFlush = _clock.GetTimestamp();
                }
            }

            await FlushAsync(writer, connection);
        }
        finally
        {
            // The stream can only be closed when nobody waits for it.
            await ended.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task TakeAsync(PgOutputReplicationMessage message, ChangeWriter writer)
    {
        switch (message)
        {
            case BeginMessage begin:
                _openCommitUtc = begin.TransactionCommitTimestamp;
                break;
            case CommitMessage commit:
                _openCommitUtc = null;
                _complete = commit.TransactionEndLsn;
                break;
            case RelationMessage relation:
                await writer.DescribeAsync(relation, CancellationToken.None);
                break;
            case InsertMessage or UpdateMessage or DeleteMessage:
                var commitUtc = _openCommitUtc!.Value;
                // Only transactions with rows count: which others the server mentions depends on its version.
                if (commitUtc > _largestCommitUtc)
                    _largestCommitUtc = commitUtc;
                run.LastCommitUtc = commitUtc;
                await writer.WriteAsync((TransactionalMessage)message, commitUtc, _largestCommitUtc, CancellationToken.None);
                _lastChange = _clock.GetTimestamp();
                _idleGoal = null;
                break;
            case TruncateMessage truncate:
                var names = truncate.Relations.Select(relation => $"{relation.Namespace}.{relation.RelationName}");
                run.Report(
                    $"{string.Join(", ", names)} was truncated at the source; DMS does not capture that for PostgreSQL, so the lake keeps "
                    + "the "
                    + "rows: repair or reload the table.");
                break;
        }
    }

    private async Task FlushAsync(ChangeWriter writer, LogicalReplicationConnection connection)
    {
        // Between transactions everything received is complete, also WAL without changes of ours: an idle slot must not hold it.
        if (_openCommitUtc is null && connection.LastReceivedLsn > _complete)
            _complete = connection.LastReceivedLsn;
        await writer.FlushAsync(CancellationToken.None);
        var reached = _written with { Lsn = _complete.ToString(), LargestCommitUtc = _largestCommitUtc };
        if (reached.Lsn == _written.Lsn)
            return;
        await run.Lake.WriteCheckpointAsync(reached, CancellationToken.None);
        _written = reached;
        connection.SetReplicationStatus(_complete);
        await connection.SendStatusUpdate(CancellationToken.None);
    }

    private async Task<bool> IsIdleAsync(LogicalReplicationConnection connection)
    {
        if (run.Options.UntilIdle is not { } idle || _openCommitUtc is not null || _clock.GetElapsedTime(_lastChange) < idle)
            return false;
        _idleGoal ??= await catalog.SingleAsync(
            "SELECT pg_current_wal_flush_lsn()", row => row.GetFieldValue<NpgsqlLogSequenceNumber>(0), CancellationToken.None);
        return connection.LastReceivedLsn >= _idleGoal;
    }
}
