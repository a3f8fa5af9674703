using Npgsql.Replication.PgOutput;
using Npgsql.Replication.PgOutput.Messages;

namespace CdcDms.Local.Capture;

/// <summary>What a message of the stream says of a row: how it was and how it is.</summary>
/// <param name="mostBytes">Bytes of text that a value may have.</param>
internal sealed class ChangedRow(long mostBytes)
{
    /// <summary>The row before: all of it, its identity or nothing, as the source logs it.</summary>
    public RowImage Old { get; } = new(mostBytes);

    /// <summary>The row after; none if it was deleted.</summary>
    public RowImage New { get; } = new(mostBytes);

    /// <summary>Place and bytes of a value that was not read, since it has too many.</summary>
    public (int Column, long Bytes)? TooLarge => New.TooLarge ?? Old.TooLarge;

    /// <summary>The table of an insert, update or delete.</summary>
    public static RelationMessage RelationOf(TransactionalMessage message) => message switch
    {
        InsertMessage insert => insert.Relation,
        UpdateMessage update => update.Relation,
        DeleteMessage delete => delete.Relation,
        _ => throw new InvalidOperationException($"{message.GetType().Name} is no change of a row."),
    };

    /// <summary>Reads a message of a table in place of the one before.</summary>
    public async ValueTask ReadAsync(StreamedTable table, TransactionalMessage message, CancellationToken cancellationToken)
    {
        Old.Clear();
        New.Clear();
        (ReplicationTuple? before, ReplicationTuple? after) = message switch
        {
            InsertMessage insert => (null, insert.NewRow),
            FullUpdateMessage update => (update.OldRow, update.NewRow),
            IndexUpdateMessage update => (update.Key, update.NewRow),
            UpdateMessage update => (null, update.NewRow),
            FullDeleteMessage delete => (delete.OldRow, null),
            KeyDeleteMessage delete => (delete.Key, null),
            _ => (null, null),
        };
        if (before is not null)
            await Old.ReadAsync(before, table.LeftOut, cancellationToken);
        if (after is not null)
            await New.ReadAsync(after, table.LeftOut, cancellationToken);
    }

    /// <summary>Whether the row has another key than before.</summary>
    // The old row is sent when the identity has changed, and always under REPLICA IDENTITY FULL; also when a key is stored out of line.
    public bool HasOtherKey(StreamedTable table) =>
        Old.Count > 0 && table.Key.Any(column => New.Has(column) && !New[column].SequenceEqual(Old[column]));
}
