using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Ledger;

/// <summary>How a table goes on that was parked, in the ledger.</summary>
/// <param name="connection">A connection to the analytics database.</param>
/// <param name="tableId">The table's number in the ledger.</param>
internal sealed class ResumeLedger(NpgsqlConnection connection, int tableId)
{
    /// <summary>Whether the table is parked, or has rejected files that may be tried again.</summary>
    public Task<bool> IsWaitingAsync(CancellationToken cancellationToken) => connection.ScalarAsync<bool>(
        """
        SELECT parked_cause IS NOT NULL OR EXISTS (SELECT FROM cdc.rejected_files r WHERE r.table_id = t.id)
        FROM cdc.tables t WHERE id = $1
        """,
        cancellationToken, tableId);

    /// <summary>Lets the table go on: its rejected files are tried again, and all of its folder is listed.</summary>
    public async Task GoOnAsync(Consent consent, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(UnprovenLedger.MarkResumed, cancellationToken, tableId);
        await connection.ExecuteAsync("DELETE FROM cdc.rejected_files WHERE table_id = $1", cancellationToken, tableId);
        await connection.ExecuteAsync(
            """
            UPDATE cdc.tables SET parked_at = NULL, parked_cause = NULL, swept_at = NULL, lake = CASE WHEN $4 THEN NULL ELSE lake END,
                listed_until = NULL, restarts = restarts + 1,
                seen_columns = CASE WHEN $2
                    THEN (SELECT coalesce(jsonb_object_agg(key, ''), '{}') FROM jsonb_object_keys(seen_columns) key)
                    ELSE seen_columns END,
                loads_accepted_at = CASE WHEN $3 THEN clock_timestamp() ELSE loads_accepted_at END
            WHERE id = $1
            """,
            cancellationToken, tableId, consent.ToTypes, consent.ToLoads, consent.ToLake);
    }

    /// <summary>The next merge lists all of the table's folders; a merge that is under way has listed them too early.</summary>
    public Task SweepAsync(CancellationToken cancellationToken) => connection.ExecuteAsync(
        "UPDATE cdc.tables SET swept_at = NULL, restarts = restarts + 1 WHERE id = $1", cancellationToken, tableId);
}
