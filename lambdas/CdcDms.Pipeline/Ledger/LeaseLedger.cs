using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Ledger;

/// <summary>Which execution merges a table.</summary>
/// <param name="Execution">The execution's id.</param>
/// <param name="EndsUtc">When others may take the table, unless the execution goes on.</param>
internal sealed record Lease(string Execution, DateTime EndsUtc);

/// <summary>
/// The lease of a table: the note that an execution merges it. It ends by the database's clock, so that an execution that died holds
/// nobody up for long.
/// </summary>
/// <param name="connection">A connection without a transaction.</param>
/// <param name="tableId">The table's number in the ledger.</param>
internal sealed class LeaseLedger(NpgsqlConnection connection, int tableId)
{
    /// <summary>Takes the table's lease, or makes it longer, unless another execution has it.</summary>
    /// <returns>The lease as it is then.</returns>
    public Task<Lease> TakeAsync(string execution, TimeSpan lasts, CancellationToken cancellationToken) =>
        connection.SingleAsync(
            """
            INSERT INTO cdc.leases AS l (table_id, execution, ends_at) VALUES ($1, $2, clock_timestamp() + $3)
            ON CONFLICT (table_id) DO UPDATE SET
                ends_at = CASE WHEN l.execution = excluded.execution THEN greatest(l.ends_at, excluded.ends_at)
                    WHEN l.ends_at <= clock_timestamp() THEN excluded.ends_at ELSE l.ends_at END,
                execution = CASE WHEN l.ends_at <= clock_timestamp() THEN excluded.execution ELSE l.execution END
            RETURNING execution, ends_at
            """,
            row => new Lease(row.GetString(0), row.GetDateTime(1)),
            cancellationToken, tableId, execution, lasts);

    /// <summary>Ends the lease of an execution.</summary>
    public Task EndAsync(string execution, CancellationToken cancellationToken) =>
        connection.ExecuteAsync("DELETE FROM cdc.leases WHERE table_id = $1 AND execution = $2", cancellationToken, tableId, execution);
}
