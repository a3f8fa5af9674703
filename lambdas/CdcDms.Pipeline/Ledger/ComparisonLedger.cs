using CdcDms.Contract;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Ledger;

/// <summary>How far a comparison of a whole table is, from one call to the next of the same run.</summary>
/// <param name="connection">A connection without a transaction.</param>
/// <param name="tableId">The table's number in the ledger.</param>
internal sealed class ComparisonLedger(NpgsqlConnection connection, int tableId)
{
    // Between two calls of a run there is a wait for merges at most.
    private const int OverMinutes = 30;

    // As the newest save that this call knows of; 0 for none.
    private int _saves;

    /// <summary>Begins a call.</summary>
    /// <param name="run">Who compares.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>How far the run's comparison is, as JSON; null where it has none.</returns>
    /// <exception cref="CdcDmsException">Another run compares the table, and has saved something in the last half hour.</exception>
    public async Task<string?> GoOnAsync(string run, CancellationToken cancellationToken)
    {
        var saved = await connection.QueryAsync(
            "SELECT saves, run, state::text, saved_at < now() - make_interval(mins => $2) FROM cdc.comparisons WHERE table_id = $1",
            row => new { Saves = row.GetInt32(0), Run = row.GetString(1), State = row.GetString(2), IsOver = row.GetBoolean(3) },
            cancellationToken, tableId, OverMinutes).SingleOrDefaultAsync(cancellationToken);
        _saves = saved?.Saves ?? 0;
        if (saved is null || saved.Run == run)
            return saved?.State;
        return saved.IsOver
            ? null
            : throw new CdcDmsException(
                ErrorKind.Conflict,
                "Another comparison of the same table goes on; wait until it has ended. If it was killed, another may begin half an hour "
                + "after it has last saved what it had read.");
    }

    /// <summary>The bytes that were saved under a name, part by part.</summary>
    public IAsyncEnumerable<byte[]> ReadAsync(string name, CancellationToken cancellationToken) => connection.QueryAsync(
        "SELECT bytes FROM cdc.comparison_parts WHERE table_id = $1 AND name = $2 ORDER BY part",
        row => row.GetFieldValue<byte[]>(0), cancellationToken, tableId, name);

    /// <summary>Saves how far the comparison is, in place of what was saved before.</summary>
    /// <param name="run">Who compares.</param>
    /// <param name="begunUtc">When the comparison began.</param>
    /// <param name="state">How far the comparison is, as JSON.</param>
    /// <param name="parts">Bytes, by name.</param>
    /// <param name="cancellationToken">Ends the call; nothing is saved then.</param>
    /// <exception cref="CdcDmsException">Another call has saved something meanwhile.</exception>
    public async Task SaveAsync(
        string run, DateTime begunUtc, string state, IEnumerable<(string Name, byte[] Bytes)> parts, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var saved = await connection.ExecuteAsync(
            _saves == 0
                ? """
                INSERT INTO cdc.comparisons (table_id, run, begun_at, saved_at, saves, state)
                SELECT $1, $5, $2, clock_timestamp(), $3 + 1, $4::jsonb ON CONFLICT DO NOTHING
                """
                : """
                UPDATE cdc.comparisons
                SET run = $5, begun_at = $2, saved_at = clock_timestamp(), saves = $3 + 1, state = $4::jsonb
                WHERE table_id = $1 AND saves = $3
                """,
            cancellationToken, tableId, begunUtc, _saves, state, run);
        if (saved == 0)
            throw new CdcDmsException(
                ErrorKind.Conflict, "Another call compares the same table; wait until that has ended, and compare again.");
        await connection.ExecuteAsync("DELETE FROM cdc.comparison_parts WHERE table_id = $1", cancellationToken, tableId);
        foreach (var (part, (name, bytes)) in parts.Index())
            await connection.ExecuteAsync(
                "INSERT INTO cdc.comparison_parts (table_id, name, part, bytes) VALUES ($1, $2, $3, $4)",
                cancellationToken, tableId, name, part, bytes);
        await transaction.CommitAsync(cancellationToken);
        _saves++;
    }

    /// <summary>Forgets the comparison of a run that does not go on.</summary>
    public Task<long> GiveUpAsync(string run, CancellationToken cancellationToken) => connection.ExecuteAsync(
        "DELETE FROM cdc.comparisons WHERE table_id = $1 AND run = $2", cancellationToken, tableId, run);

    /// <summary>Forgets the comparison with which this call went on.</summary>
    public async Task ForgetAsync(CancellationToken cancellationToken)
    {
        if (_saves > 0)
            await connection.ExecuteAsync(
                "DELETE FROM cdc.comparisons WHERE table_id = $1 AND saves = $2", cancellationToken, tableId, _saves);
        _saves = 0;
    }
}
