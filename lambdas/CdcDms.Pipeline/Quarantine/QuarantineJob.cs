using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;
using Npgsql;

namespace CdcDms.Pipeline.Quarantine;

/// <summary>Looks at the changes that were put aside, tries them again, or gives them up.</summary>
/// <param name="targetConnection">Connection string of the analytics database.</param>
public sealed class QuarantineJob(string targetConnection)
{
    private const string Failure = "The quarantine was not read or changed";
    private const string Open = "FROM cdc.quarantine q JOIN cdc.tables b ON b.id = q.table_id WHERE q.closed_at IS NULL";

    private const string ListSql =
        "SELECT q.id, b.target_schema, b.target_name, q.quarantined_at, q.reason, q.operation, lpad(q.version::text, 38, '0'), "
        + $"q.change::text, q.error, q.told {Open} AND ($1::bigint IS NULL OR q.id = $1) ORDER BY q.id";

    private const string OfTableSql =
        $"SELECT q.id {Open} AND q.table_id = $1 AND ($2::bigint[] IS NULL OR q.id = ANY ($2)) ORDER BY q.version NULLS LAST, q.id";

    private static readonly string DropSql =
        $"""
        WITH dropped AS (
            UPDATE cdc.quarantine SET closed_at = clock_timestamp(), closed_by = 'dropped'
            WHERE closed_at IS NULL AND id = ANY ($1) RETURNING table_id),
        marked AS ({UnprovenLedger.MarkDropped})
        SELECT count(*) FROM dropped
        """;

    /// <summary>The open changes of all tables, oldest first.</summary>
    /// <param name="id">Only the change of this number; null for all.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="CdcDmsException">The analytics database cannot be used.</exception>
    public Task<List<QuarantinedChange>> ListAsync(long? id, CancellationToken cancellationToken) => WithLedgerAsync(
        LedgerSchema.ExistsAsync,
        [],
        async connection => await connection.QueryAsync(ListSql, Read, cancellationToken, id).ToListAsync(cancellationToken),
        cancellationToken);

    /// <summary>Gives changes up: they are closed and stay in the ledger, and the target goes on without them.</summary>
    /// <returns>How many were closed.</returns>
    /// <exception cref="CdcDmsException">The analytics database cannot be used.</exception>
    public Task<long> DropAsync(IReadOnlyList<long> ids, CancellationToken cancellationToken) => WithLedgerAsync(
        LedgerSchema.UpgradeAsync,
        0L,
        connection => connection.ScalarAsync<long>(DropSql, cancellationToken, ids.ToArray()),
        cancellationToken);

    /// <summary>Tries a table's open changes again, each in a transaction of its own, the oldest version first.</summary>
    /// <param name="table">The table.</param>
    /// <param name="ids">Only these; null for all.</param>
    /// <param name="cancellationToken">Ends it; what was applied stays.</param>
    /// <exception cref="CdcDmsException">The analytics database or the target cannot be used.</exception>
    public async Task<RetryResult> RetryAsync(TableDefinition table, IReadOnlyList<long>? ids, CancellationToken cancellationToken)
    {
        try
        {
            await using var session = await TargetSession.OpenAsync(targetConnection, table, cancellationToken);
            var open = await session.Connection.QueryAsync(
                OfTableSql, row => row.GetInt64(0), cancellationToken, session.Ledger.Id, ids?.ToArray()).ToListAsync(cancellationToken);
            var closed = 0;
            foreach (var id in open)
                if (await new QuarantineRetry(session, id).RunAsync(cancellationToken))
                    closed++;
            return new RetryResult(closed, open.Count - closed);
        }
        catch (NpgsqlException fault)
        {
            throw PostgresFault.Tell(fault, Failure);
        }
    }

    private static QuarantinedChange Read(NpgsqlDataReader row) => new(
        Id: row.GetInt64(0),
        Target: new TableName(row.GetString(1), row.GetString(2)).ToString(),
        QuarantinedUtc: row.GetDateTime(3),
        Reason: row.GetString(4),
        Operation: row.IsDBNull(5) ? null : row.GetString(5),
        Version: row.IsDBNull(6) ? null : row.GetString(6),
        Change: row.GetString(7),
        Error: row.GetString(8),
        Told: row.IsDBNull(9) ? null : row.GetString(9));

    /// <summary>
    /// Does something with the ledger that <paramref name="find"/> looks for. Where there is none yet, nothing is created
    /// and the answer is <paramref name="none"/>.
    /// </summary>
    private Task<T> WithLedgerAsync<T>(
        Func<NpgsqlConnection, CancellationToken, Task<bool>> find,
        T none,
        Func<NpgsqlConnection, Task<T>> work,
        CancellationToken cancellationToken) =>
        Database.WithAnalyticsAsync(
            targetConnection,
            Failure,
            async connection => await find(connection, cancellationToken) ? await work(connection) : none,
            cancellationToken);
}
