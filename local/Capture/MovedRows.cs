using System.Text;
using CdcDms.Pipeline.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace CdcDms.Local.Capture;

/// <summary>The values that an update of a row's key left alone.</summary>
internal abstract record MovedValues
{
    /// <summary>They are known, by their columns' places; most often there are none.</summary>
    public sealed record Known(IReadOnlyDictionary<int, byte[]?> Texts) : MovedValues;

    /// <summary>The row is gone since, as a later change in the stream will say.</summary>
    public sealed record Gone : MovedValues;

    /// <summary>Nobody can say them.</summary>
    public sealed record Unknown : MovedValues;
}

/// <summary>
/// Reads at the source what the stream leaves out of a row whose key has changed: large values that the update did not touch. Under its new
/// key nothing older has them. A value that is read now may be newer than the change, never older, and whatever made it newer is in the
/// stream after the change: so the row ends right.
/// </summary>
/// <param name="catalog">A connection to the source.</param>
/// <param name="clock">Measures how long a commit is waited for.</param>
internal sealed class MovedRows(NpgsqlConnection catalog, TimeProvider clock)
{
    // A commit that waits for a synchronous standby may wait for ever, and the stream with it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private static readonly MovedValues NothingMissing = new MovedValues.Known(new Dictionary<int, byte[]?>());

    private (uint Transaction, bool IsSeen)? _asked;

    /// <summary>Reads the values that are neither in the row nor in the one before.</summary>
    /// <param name="transaction">Number of the transaction that changed the key.</param>
    public async ValueTask<MovedValues> ReadAsync(
        StreamedTable table, RowImage row, RowImage before, uint transaction, CancellationToken cancellationToken)
    {
        var missing = table.Written.Where(place => row.IsUnchanged(place) && !before.Has(place)).ToList();
        if (missing.Count == 0)
            return NothingMissing;
        try
        {
            // Before that a row of this key is the one that the transaction has replaced.
            if (!await IsSeenAsync(transaction, cancellationToken)
                || await SelectAsync(table, missing, cancellationToken) is not { } select)
                return new MovedValues.Unknown();
            var key = table.Key.Select(place => Encoding.UTF8.GetString(row.Has(place) ? row[place] : before[place])).ToList();
            return await FindAsync(select, key, missing, cancellationToken) ?? new MovedValues.Gone();
        }
        catch (PostgresException)
        {
            // The table is another one by now: dropped, renamed or altered.
            return new MovedValues.Unknown();
        }
    }

    /// <summary>Waits until others see a transaction.</summary>
    /// <returns>Whether they do; false after some seconds.</returns>
    private async ValueTask<bool> IsSeenAsync(uint transaction, CancellationToken cancellationToken)
    {
        if (_asked?.Transaction == transaction)
            return _asked.Value.IsSeen;
        var began = clock.GetTimestamp();
        bool isSeen;
        while (!(isSeen = (await RunningTransactions.AmongAsync(catalog, [transaction], cancellationToken)).Count == 0)
            && clock.GetElapsedTime(began) < Patience)
            await Task.Delay(Pause, clock, cancellationToken);
        _asked = (transaction, isSeen);
        return isSeen;
    }

    private async Task<string?> SelectAsync(StreamedTable table, List<int> missing, CancellationToken cancellationToken)
    {
        var (columns, _) = await CapturedColumns.ReadAsync(catalog, table.Oid, cancellationToken);
        var texts = missing.Select(place => columns.FirstOrDefault(column => column.Column == table.Columns[place])?.Text).ToList();
        var key = table.Key.Select((place, index) => $"{Sql.Identifier(table.Columns[place].Name)} = ${index + 1}");
        return texts.Contains(null) ? null
            : $"SELECT {string.Join(", ", texts)} FROM {(table.Partitioned ? "" : "ONLY ")}{Sql.Identifier(table.Name)} WHERE "
                + string.Join(" AND ", key);
    }

    private async Task<MovedValues?> FindAsync(string select, List<string> key, List<int> missing, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100
        await using var command = new NpgsqlCommand(select, catalog);
#pragma warning restore CA2100
        // Without a type PostgreSQL reads the text as the column's own.
        foreach (var text in key)
            command.Parameters.Add(new NpgsqlParameter { Value = text, NpgsqlDbType = NpgsqlDbType.Unknown });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return null;
        var texts = missing.Index().ToDictionary(
            found => found.Item, found => reader.IsDBNull(found.Index) ? null : Encoding.UTF8.GetBytes(reader.GetString(found.Index)));
        return new MovedValues.Known(texts);
    }
}
