using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Ledger;

/// <summary>Rows that proofs found different since their table was last proven whole, and did not repair.</summary>
internal static class UnrepairedRows
{
    /// <summary>Counts those of a table.</summary>
    /// <param name="connection">A connection to the analytics database.</param>
    /// <param name="tableId">The table's number in the ledger.</param>
    /// <param name="cancellationToken">Ends the count.</param>
    public static Task<long> CountAsync(NpgsqlConnection connection, int tableId, CancellationToken cancellationToken) =>
        connection.ScalarAsync<long>(
            """
            SELECT coalesce(sum((SELECT count(*) FROM cdc.differences d WHERE d.proof_id = p.id) - p.repaired), 0)::bigint
            FROM cdc.proofs p JOIN cdc.tables t ON t.id = p.table_id
            WHERE t.id = $1 AND p.outcome = 'Different' AND p.judged_at > coalesce(t.proven_at, '-infinity')
            """,
            cancellationToken, tableId);
}
