using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Pipeline.Postgres;
using Npgsql;
using Npgsql.Replication;
using Npgsql.Replication.PgOutput.Messages;
using NpgsqlTypes;

namespace CdcDms.Local.Capture;

/// <summary>
/// Streams changes from a checkpoint on. The order that makes a kill harmless: files are uploaded, then the checkpoint is written, then the
/// slot is told. A checkpoint speaks only of transactions that are in the lake as a whole; what came after them is read again after a kill
/// and gets the same sequences, since a sequence depends on nothing but the WAL and the checkpoint.
/// </summary>
internal sealed class WalStream(
    CaptureRun run, Slot slot, NpgsqlConnection catalog, TableWatch watch, JoiningTables added, Resumed resumed)
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly TimeProvider _clock = run.Options.Clock;
    private readonly TimeSpan _interval = TimeSpan.FromSeconds(run.Options.IntervalSeconds);
    private readonly SentAgain _sentAgain = new(run, resumed);
    private readonly StandbyWait _standbyWait = new(run, slot, catalog);
    private string _written = Text(resumed.Checkpoint);
    private DateTime _largestCommitUtc = resumed.Checkpoint.LargestCommitUtc;
    private DateTime? _lastFileUtc = resumed.Checkpoint.LastFileUtc;
    private CapturedTransaction? _last = resumed.Checkpoint.LastTransaction;
    private NpgsqlLogSequenceNumber _complete = NpgsqlLogSequenceNumber.Parse(resumed.Checkpoint.Lsn);
    private BeginMessage? _open;
    private bool _hasRows;
    private int _leftOut;
    private long _lastChange = run.Options.Clock.GetTimestamp();
    private NpgsqlLogSequenceNumber? _idleGoal;

    /// <summary>Runs until it is cancelled or idle, and ends with everything read so far in the lake.</summary>
    /// <param name="connection">A connection for the slot.</param>
    /// <param name="tables">The tables that are captured.</param>
    /// <exception cref="CdcDmsException">No table is left, or source or lake failed.</exception>
    public async Task RunAsync(
        LogicalReplicationConnection connection, IReadOnlyList<SourceTable> tables, CancellationToken cancellationToken)
    {
        await KeepAsync();
        using var ended = new CancellationTokenSource();
        await using var writer = new ChangeWriter(run, catalog, tables, cancellationToken);
        await using var messages = slot.ReadAsync(connection, resumed.Confirmed, ended.Token).GetAsyncEnumerator(CancellationToken.None);
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
                    try
                    {
                        await TakeAsync(messages.Current, writer);
                    }
                    catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
                    {
                        // The transaction is open, and is read again as a whole.
                        break;
                    }

                    next = messages.MoveNextAsync().AsTask();
                }

                await _standbyWait.LookAsync(CancellationToken.None);
                if (await added.LoadInTimeAsync(cancellationToken) || _clock.GetElapsedTime(lastFlush) >= _interval)
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
                if (!_sentAgain.Has(begin))
                    _sentAgain.Check();
                (_open, _hasRows) = (begin, false);
                break;
            case CommitMessage when _sentAgain.Has(_open!):
                if (_hasRows)
                    _sentAgain.Take(Captured(_open!));
                _open = null;
                break;
            case CommitMessage commit:
                if (_hasRows)
                    _last = Captured(_open!);
                _open = null;
                _complete = commit.TransactionEndLsn;
                break;
            case RelationMessage relation:
                await writer.DescribeAsync(relation, _open!, CancellationToken.None);
                break;
            case InsertMessage or UpdateMessage or DeleteMessage when _sentAgain.Has(_open!):
                _hasRows = true;
                break;
            case InsertMessage or UpdateMessage or DeleteMessage:
                _hasRows = true;
                var commitUtc = _open!.TransactionCommitTimestamp;
                // Only transactions with rows count: which others the server mentions depends on its version.
                if (commitUtc > _largestCommitUtc)
                    _largestCommitUtc = commitUtc;
                run.LastCommitUtc = commitUtc;
                await writer.WriteAsync((TransactionalMessage)message, _open, _largestCommitUtc, CancellationToken.None);
                _lastChange = _clock.GetTimestamp();
                _idleGoal = null;
                break;
            case TruncateMessage truncate:
                IReadOnlyCollection<uint> truncated = [.. truncate.Relations.Select(relation => relation.RelationId)];
                writer.Described.Truncate(truncated);
                if (!_sentAgain.Has(_open!))
                    writer.Truncated(truncated);
                break;
        }
    }

    private async Task FlushAsync(ChangeWriter writer, LogicalReplicationConnection connection)
    {
        // Between transactions everything received is complete, also WAL without changes of ours: an idle slot must not hold it.
        if (_open is null && connection.LastReceivedLsn > _complete)
        {
            _sentAgain.Check();
            _complete = connection.LastReceivedLsn;
        }

        await writer.FlushAsync(CancellationToken.None);
        // Files may have a part of an open transaction, of which the checkpoint does not speak.
        if (_open is null && run.Lake.LastMadeUtc is var made && made != default)
            _lastFileUtc = made;
        await watch.LookAsync(writer.Described.Take(), CancellationToken.None);
        await writer.LeaveOutGivenUpAsync();
        if (!await KeepAsync())
            return;
        connection.SetReplicationStatus(_complete);
        await connection.SendStatusUpdate(CancellationToken.None);
    }

    /// <summary>Writes the checkpoint if it says anything new; from then on a mark is durable.</summary>
    /// <exception cref="CdcDmsException">No table is left.</exception>
    private async Task<bool> KeepAsync()
    {
        var reached = resumed.Checkpoint with
        {
            Lsn = _complete.ToString(),
            LargestCommitUtc = _largestCommitUtc,
            LastTransaction = _last,
            LastFileUtc = _lastFileUtc,
            Tables = watch.Tables,
            Unloaded = added.Unloaded,
            Marks = run.Marks.All,
        };
        var text = Text(reached);
        var isNew = text != _written;
        if (isNew)
            await run.Checkpoint.WriteAsync(reached, CancellationToken.None);
        _written = text;
        if (run.Marks.GivenUp > _leftOut && await Publication.LeaveOutAsync(catalog, slot.Name, watch.GivenUp, CancellationToken.None))
            _leftOut = run.Marks.GivenUp;
        var causes = run.Marks.All.Where(mark => mark.Kind == MarkKind.GivenUp).Select(mark => $"{mark.Table}: {mark.Cause}");
        return watch.IsEmpty ? throw run.Lost($"none of its tables is left ({string.Join("; ", causes)})") : isNew;
    }

    private static CapturedTransaction Captured(BeginMessage begin) =>
        new(begin.TransactionFinalLsn.ToString(), begin.TransactionXid, begin.TransactionCommitTimestamp);

    private static string Text(Checkpoint checkpoint) => JsonSerializer.Serialize(checkpoint, CheckpointJson.Default.Checkpoint);

    private async Task<bool> IsIdleAsync(LogicalReplicationConnection connection)
    {
        if (run.Options.UntilIdle is not { } idle || _open is not null || added.Unloaded.Count > 0
            || _clock.GetElapsedTime(_lastChange) < idle)
            return false;
        _idleGoal ??= await catalog.SingleAsync(
            "SELECT pg_current_wal_flush_lsn()", row => row.GetFieldValue<NpgsqlLogSequenceNumber>(0), CancellationToken.None);
        return connection.LastReceivedLsn >= _idleGoal;
    }
}
