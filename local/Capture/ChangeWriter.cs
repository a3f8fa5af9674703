using System.Text;
using CdcDms.Contract;
using CdcDms.Contract.Changes;
using CdcDms.Local.ChangeFiles;
using CdcDms.Pipeline.Catalog;
using Npgsql;
using Npgsql.Replication.PgOutput.Messages;

namespace CdcDms.Local.Capture;

/// <summary>Turns the stream's messages into rows of CDC files. A table that one does not fit is given up.</summary>
/// <param name="run">The capture.</param>
/// <param name="catalog">A connection to the source.</param>
/// <param name="tables">The tables that are captured.</param>
/// <param name="stopping">Ends a wait for a table that somebody has locked.</param>
internal sealed class ChangeWriter(
    CaptureRun run, NpgsqlConnection catalog, IReadOnlyList<SourceTable> tables, CancellationToken stopping) : IAsyncDisposable
{
    private static readonly Dictionary<int, byte[]?> Nothing = [];

    // By OID: a name is another table's after a swap, and the stream tells the name of the time when the change was made.
    private readonly Dictionary<uint, SourceTable> _captured = tables.ToDictionary(table => table.Oid);
    private readonly OpenFiles _files = new(run);
    private readonly MovedRows _moved = new(catalog, run.Options.Clock);
    private readonly ChangedRow _row = new(run.Options.ValueMegabytes * CaptureRun.Megabyte);

    /// <summary>What the stream has described.</summary>
    public StreamedRelations Described { get; } = new(tables);

    /// <summary>
    /// Takes a table's description, which comes before its first change and again after it was altered. Files show the alteration by their
    /// columns.
    /// </summary>
    public async Task DescribeAsync(RelationMessage relation, BeginMessage begin, CancellationToken cancellationToken)
    {
        Described.Describe(relation, begin);
        // Others are partitions, described besides their root, and tables that were given up.
        if (!_captured.TryGetValue(relation.RelationId, out var captured))
            return;
        var columns = await CapturedColumns.FindAsync(
            catalog,
            [.. relation.Columns.Select(column => (column.ColumnName, new ModifiedType(column.DataTypeId, column.TypeModifier)))],
            cancellationToken);
        var table = _files.Of(captured);
        if (table.Columns.SequenceEqual(columns))
            return;
        await _files.CloseAsync(table, cancellationToken);
        try
        {
            table.Describe(columns);
        }
        catch (CdcDmsException fault)
        {
            await GiveUpAsync(captured, fault.Message);
        }
    }

    /// <summary>Tables were truncated, which the lake has no row for.</summary>
    public void Truncated(IReadOnlyCollection<uint> relations)
    {
        foreach (var relation in relations)
            if (_captured.TryGetValue(relation, out var table))
                run.Marks.Add(
                    table.Name,
                    MarkKind.Unproven,
                    "the table was truncated at the source, which DMS does not capture, and the lake keeps its rows");
    }

    /// <summary>Writes the row or, for a changed key, the two rows of a message.</summary>
    /// <param name="message">An insert, update or delete.</param>
    /// <param name="begin">The beginning of its transaction.</param>
    /// <param name="largestCommitUtc">The largest commit time up to this transaction's.</param>
    /// <exception cref="OperationCanceledException">
    /// The capture shall stop, and the rest of the row is not known yet: the transaction must be read again.
    /// </exception>
    public async Task WriteAsync(
        TransactionalMessage message, BeginMessage begin, DateTime largestCommitUtc, CancellationToken cancellationToken)
    {
        if (!_captured.TryGetValue(ChangedRow.RelationOf(message).RelationId, out var captured))
            return;
        var table = _files.Of(captured);
        await _files.CloseOlderAsync(table, begin.TransactionCommitTimestamp, cancellationToken);
        try
        {
            await _row.ReadAsync(table, message, cancellationToken);
            if (_row.TooLarge is var (column, bytes))
                throw run.TooLarge(table.Name, table.Columns[column].Name, bytes);
            await _files.OpenAsync(table, begin.TransactionCommitTimestamp, cancellationToken);
            await AppendAsync(table, message, begin, largestCommitUtc, cancellationToken);
        }
        catch (CdcDmsException fault) when (fault.Kind is ErrorKind.BadData or ErrorKind.BadDefinition)
        {
            await GiveUpAsync(captured, fault.Message);
        }
        catch (OutOfMemoryException)
        {
            await GiveUpAsync(captured, "its rows need more memory than there is");
        }

        await _files.CloseLargeAsync(table, cancellationToken);
    }

    /// <summary>Closes every open file; after it all rows written so far are in the lake.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => _files.CloseAllAsync(cancellationToken);

    /// <summary>Leaves out what has been given up since.</summary>
    public async Task LeaveOutGivenUpAsync()
    {
        foreach (var table in _captured.Values.Where(table => run.Marks.IsGivenUp(table.Name)).ToList())
        {
            _captured.Remove(table.Oid);
            await _files.DropAsync(table.Oid);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _files.DisposeAsync();

    private async Task GiveUpAsync(SourceTable table, string cause)
    {
        run.Marks.Add(table.Name, MarkKind.GivenUp, cause.TrimEnd('.'));
        await LeaveOutGivenUpAsync();
    }

    private async ValueTask AppendAsync(
        StreamedTable table,
        TransactionalMessage message,
        BeginMessage begin,
        DateTime largestCommitUtc,
        CancellationToken cancellationToken)
    {
        var timestamp = ChangeTime.Text(begin.TransactionCommitTimestamp);
        var lsn = (ulong)message.WalStart;
        var sequence = ChangeSequence.FromWal(largestCommitUtc, lsn);
        if (_row.New.Count == 0)
            await AppendAsync(table, "D"u8, _row.Old, _row.Old, timestamp, sequence, Nothing, cancellationToken);
        else if (!_row.HasOtherKey(table))
            await AppendAsync(
                table, message is InsertMessage ? "I"u8 : "U"u8, _row.New, _row.Old, timestamp, sequence, Nothing, cancellationToken);
        else
        {
            await AppendAsync(table, "D"u8, _row.Old, _row.Old, timestamp, sequence, Nothing, cancellationToken);
            var reading = _moved.ReadAsync(table, _row.New, _row.Old, begin.TransactionXid, stopping).AsTask();
            // The table may be locked, and all tables wait then.
            var values = reading.IsCompleted ? await reading : await BlockedSession.WatchAsync(run, catalog.ProcessID, reading);
            if (values is MovedValues.Unknown)
                run.Marks.Add(
                    table.Name,
                    MarkKind.Unproven,
                    "a row got another key and kept a large value, which is not in the stream and could not be read at the source");
            // Texts that differ may be one key where it is merged (1.0 and 1.00), so the two rows must not tie.
            // Records of the WAL begin at multiples of eight: the next number is no other change's.
            // An update does not say that a value which it lacks is NULL; an insert would.
            await AppendAsync(
                table,
                values is MovedValues.Known ? "I"u8 : "U"u8,
                _row.New,
                _row.Old,
                timestamp,
                ChangeSequence.FromWal(largestCommitUtc, lsn + 1),
                values is MovedValues.Known known ? known.Texts : Nothing,
                cancellationToken);
        }
    }

    private static ValueTask AppendAsync(
        StreamedTable table,
        ReadOnlySpan<byte> operation,
        RowImage row,
        RowImage before,
        byte[] timestamp,
        ChangeSequence sequence,
        IReadOnlyDictionary<int, byte[]?> known,
        CancellationToken cancellationToken)
    {
        var file = table.File!;
        file.BeginRow(operation, timestamp);
        foreach (var column in table.Written)
        {
            if (row.Has(column))
                file.Append(row[column]);
            // A value that the update left alone is in the old row, if the table has REPLICA IDENTITY FULL
            // (docs/dms-contract.md#unchanged-large-values).
            else if (row.IsUnchanged(column) && before.Has(column))
                file.Append(before[column]);
            else if (known.GetValueOrDefault(column) is { } text)
                file.Append(text);
            else
                file.AppendNull();
        }

        return file.EndRowAsync(Encoding.ASCII.GetBytes(sequence.ToString()), cancellationToken);
    }
}
