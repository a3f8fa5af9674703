using CdcDms.Contract;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Ledger;

/// <summary>How far a comparison of a whole table is, from one call to the next.</summary>
/// <param name="connection">A connection without a transaction.</param>
/// <param name="tableId">The table's number in the ledger.</param>
internal sealed class ComparisonLedger(NpgsqlConnection connection, int tableId)
{
    private const int KeptDays = 7;
    private const int MostTries = 3;

    // As the newest save that this call knows of; 0 for none.
    private int _saves;

    /// <summary>
    /// Begins to go on. A comparison that is a week old, or with which three calls could not go on, is forgotten.
    /// </summary>
    /// <returns>How far the comparison is, as JSON; null where none goes on.</returns>
    public async Task<string?> GoOnAsync(CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(
            "DELETE FROM cdc.comparisons WHERE table_id = $1 AND (begun_at < now() - make_interval(days => $2) OR tries >= $3)",
            cancellationToken, tableId, KeptDays, MostTries);
        var (state, saves) = await connection.QueryAsync(
            "UPDATE cdc.comparisons SET tries = tries + 1 WHERE table_id = $1 RETURNING state::text, saves",
            row => (row.GetString(0), row.GetInt32(1)), cancellationToken, tableId)
            .Select(row => ((string?)row.Item1, row.Item2)).SingleOrDefaultAsync(cancellationToken);
        _saves = saves;
        return state;
    }

    /// <summary>The bytes that were saved under a name, part by part.</summary>
    public IAsyncEnumerable<byte[]> ReadAsync(string name, CancellationToken cancellationToken) => connection.QueryAsync(
        "SELECT bytes FROM cdc.comparison_parts WHERE table_id = $1 AND name = $2 ORDER BY part",
        row => row.GetFieldValue<byte[]>(0), cancellationToken, tableId, name);

    /// <summary>Saves how far the comparison is, in place of what was saved before.</summary>
    /// <param name="begunUtc">When the comparison began.</param>
    /// <param name="state">How far the comparison is, as JSON.</param>
    /// <param name="parts">Bytes, by name.</param>
    /// <param name="cancellationToken">Ends the call; nothing is saved then.</param>
    /// <exception cref="CdcDmsException">Another call compares the table, and has saved something meanwhile.</exception>
    public async Task SaveAsync(
        DateTime begunUtc, string state, IEnumerable<(string Name, byte[] Bytes)> parts, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var saved = await connection.ExecuteAsync(
            _saves == 0
                ? """
                INSERT INTO cdc.comparisons (table_id, begun_at, saved_at, saves, state)
                SELECT $1, $2, clock_timestamp(), $3 + 1, $4::jsonb ON CONFLICT DO NOTHING
                """
                : """
                UPDATE cdc.comparisons SET begun_at = $2, saved_at = clock_timestamp(), saves = $3 + 1, tries = 0, state = $4::jsonb
                WHERE table_id = $1 AND saves = $3
                """,
            cancellationToken, tableId, begunUtc, _saves, state);
        if (saved == 0)
            throw new CdcDmsException(
                ErrorKind.Conflict, "Another call compares the same table; wait until it has ended, and compare again.");
        await connection.ExecuteAsync("DELETE FROM cdc.comparison_parts WHERE table_id = $1", cancellationToken, tableId);
        foreach (var (part, (name, bytes)) in parts.Index())
            await connection.ExecuteAsync(
                "INSERT INTO cdc.comparison_parts (table_id, name, part, bytes) VALUES ($1, $2, $3, $4)",
                cancellationToken, tableId, name, part, bytes);
        await transaction.CommitAsync(cancellationToken);
        _saves++;
    }

    /// <summary>Forgets the comparison with which this call went on.</summary>
    public async Task ForgetAsync(CancellationToken cancellationToken)
    {
        if (_saves > 0)
            await connection.ExecuteAsync(
                "DELETE FROM cdc.comparisons WHERE table_id = $1 AND saves = $2", cancellationToken, tableId, _saves);
        _saves = 0;
    }
}
