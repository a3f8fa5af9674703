using System.Text;
using CdcDms.Contract;
using CdcDms.Contract.Changes;
using CdcDms.Contract.Tables;
using CdcDms.Local.ChangeFiles;
using CdcDms.Pipeline.Catalog;
using Npgsql;
using Npgsql.Replication.PgOutput.Messages;

namespace CdcDms.Local.Capture;

/// <summary>Turns the stream's messages into rows of CDC files, one open file per table.</summary>
internal sealed class ChangeWriter(CaptureRun run, NpgsqlConnection catalog, IReadOnlyList<SourceTable> tables) : IAsyncDisposable
{
    private readonly Dictionary<uint, StreamedTable> _tables = [];
    private readonly RowImage _old = new();
    private readonly RowImage _new = new();

    /// <summary>
    /// Takes a table's description, which comes before its first change and again after it was altered. Files show the alteration by their
    /// columns.
    /// </summary>
    public async Task DescribeAsync(RelationMessage relation, CancellationToken cancellationToken)
    {
        var name = new TableName(relation.Namespace, relation.RelationName);
        if (tables.FirstOrDefault(table => table.Name == name) is not { } known)
        {
            // A partition, described besides its root; or a table that was renamed, which is found out at its next change.
            if (_tables.Remove(relation.RelationId, out var renamed))
                await CloseAsync(renamed, cancellationToken);
            return;
        }

        var columns = await CapturedColumns.FindAsync(
            catalog,
            [.. relation.Columns.Select(column => (column.ColumnName, new ModifiedType(column.DataTypeId, column.TypeModifier)))],
            cancellationToken);
        if (!_tables.TryGetValue(relation.RelationId, out var table))
            _tables.Add(relation.RelationId, table = new StreamedTable(known));
        if (table.Columns.SequenceEqual(columns))
            return;
        await CloseAsync(table, cancellationToken);
        table.Describe(columns);
    }

    /// <summary>Writes the row or, for a changed key, the two rows of a message.</summary>
    /// <param name="message">An insert, update or delete.</param>
    /// <param name="commitUtc">The transaction's own commit time.</param>
    /// <param name="largestCommitUtc">The largest commit time up to this transaction's.</param>
    public async Task WriteAsync(
        TransactionalMessage message, DateTime commitUtc, DateTime largestCommitUtc, CancellationToken cancellationToken)
    {
        _old.Clear();
        _new.Clear();
        var relation = await ReadAsync(message, cancellationToken);
        if (!_tables.TryGetValue(relation.RelationId, out var table))
            throw new CdcDmsException(ErrorKind.BadData,
                $"A captured table was renamed to {new TableName(relation.Namespace, relation.RelationName)} at the source; rename it "
                + "back, or capture it into a new prefix.");
        if (table.File is not null && table.FileCommitUtc.Date != commitUtc.Date)
            await CloseAsync(table, cancellationToken);
        if (table.File is null)
        {
            table.File = await ChangeFile.CreateAsync(table.Name, table.Columns, run.NewPath(), cancellationToken);
            table.FileCommitUtc = commitUtc;
        }

        var timestamp = ChangeTime.Text(commitUtc);
        var lsn = (ulong)message.WalStart;
        if (_new.Count == 0)
        {
            await AppendAsync(table, "D"u8, _old, timestamp, ChangeVersion.FromWal(largestCommitUtc, lsn), cancellationToken);
        }
        else if (KeyChanged(table))
        {
            await AppendAsync(table, "D"u8, _old, timestamp, ChangeVersion.FromWal(largestCommitUtc, lsn), cancellationToken);
            // Texts that differ may be one key where it is merged (1.0 and 1.00), so the two rows must not tie.
            // Records of the WAL begin at multiples of eight: the next number is no other change's.
            await AppendAsync(table, "I"u8, _new, timestamp, ChangeVersion.FromWal(largestCommitUtc, lsn + 1), cancellationToken);
        }
        else
        {
            var version = ChangeVersion.FromWal(largestCommitUtc, lsn);
            await AppendAsync(table, message is InsertMessage ? "I"u8 : "U"u8, _new, timestamp, version, cancellationToken);
        }

        if (table.File.Bytes >= run.Options.FileMegabytes * CaptureRun.Megabyte)
            await CloseAsync(table, cancellationToken);
    }

    private async ValueTask<RelationMessage> ReadAsync(TransactionalMessage message, CancellationToken cancellationToken)
    {
        switch (message)
        {
            case InsertMessage insert:
                await _new.ReadAsync(insert.NewRow, cancellationToken);
                return insert.Relation;
            case FullUpdateMessage update:
                await _old.ReadAsync(update.OldRow, cancellationToken);
                await _new.ReadAsync(update.NewRow, cancellationToken);
                return update.Relation;
            case IndexUpdateMessage update:
                await _old.ReadAsync(update.Key, cancellationToken);
                await _new.ReadAsync(update.NewRow, cancellationToken);
                return update.Relation;
            case UpdateMessage update:
                await _new.ReadAsync(update.NewRow, cancellationToken);
                return update.Relation;
            case FullDeleteMessage delete:
                await _old.ReadAsync(delete.OldRow, cancellationToken);
                return delete.Relation;
            case KeyDeleteMessage delete:
                await _old.ReadAsync(delete.Key, cancellationToken);
                return delete.Relation;
            default:
                throw new InvalidOperationException($"{message.GetType().Name} is no change of a row.");
        }
    }

    // The old row is sent when the identity has changed, and always under REPLICA IDENTITY FULL; also when a key is stored out of line.
    private bool KeyChanged(StreamedTable table) =>
        _old.Count > 0 && table.Key.Any(column => _new.Has(column) && !_new[column].SequenceEqual(_old[column]));

    private ValueTask AppendAsync(
        StreamedTable table,
        ReadOnlySpan<byte> operation,
        RowImage row,
        byte[] timestamp,
        ChangeVersion version,
        CancellationToken cancellationToken)
    {
        var file = table.File!;
        file.BeginRow(operation, timestamp);
        for (var column = 0; column < table.Columns.Count; column++)
        {
            if (row.Has(column))
                file.Append(row[column]);
            // A value that the update left alone is in the old row, if the table has REPLICA IDENTITY FULL
            // (docs/dms-contract.md#unchanged-large-values).
            else if (row.IsUnchanged(column) && _old.Has(column))
                file.Append(_old[column]);
            else
                file.AppendNull();
        }

        return file.EndRowAsync(Encoding.ASCII.GetBytes(version.ToString()), cancellationToken);
    }

    /// <summary>Closes every open file; after it all rows written so far are in the lake.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        foreach (var table in _tables.Values)
            await CloseAsync(table, cancellationToken);
    }

    private async Task CloseAsync(StreamedTable table, CancellationToken cancellationToken)
    {
        if (table.File is not { } file)
            return;
        await file.CompleteAsync(cancellationToken);
        await run.Lake.PutCdcAsync(table.Name, table.FileCommitUtc, file.Path, cancellationToken);
        run.ChangesWritten(file.Rows);
        table.File = null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var table in _tables.Values)
            if (table.File is { } file)
                await file.DisposeAsync();
    }
}
