using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Markers;

/// <summary>
/// Settles a marker for a table: waits until every transaction has ended that may commit a change of the table below the marker's version
/// and was not visible yet when the marker was.
/// </summary>
/// <param name="source">A connection to the source's primary, without a transaction.</param>
/// <param name="limit">How long to wait for transactions that write the table.</param>
internal sealed class Settlement(NpgsqlConnection source, TimeSpan limit)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    // Locks go only after a transaction's changes are visible, which its disappearance from a snapshot's list of running transactions does
    // not say: that list leaves out the newest. A prepared transaction keeps its locks, without a process. Weaker modes write no rows, and
    // ShareUpdateExclusive is a VACUUM's, which may take hours. PostgreSQL's own pg_partition_tree would wait for a table that is locked.
    private const string Writing =
        """
        WITH RECURSIVE tree (oid) AS (
            SELECT $1::regclass::oid
            UNION ALL
            SELECT i.inhrelid FROM tree JOIN pg_class p ON p.oid = tree.oid AND p.relkind = 'p' JOIN pg_inherits i ON i.inhparent = p.oid)
        SELECT DISTINCT l.virtualtransaction
        FROM pg_locks l JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
        WHERE l.locktype = 'relation' AND l.granted
            AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
            AND l.relation IN (SELECT oid FROM tree)
        """;

    private const string StillWriting = $"{Writing} AND l.virtualtransaction = ANY ($2)";

    // What another role does is seen by members of pg_read_all_stats alone.
    private const string Names =
        """
        SELECT coalesce(
            (SELECT format('the session %s (%s, of %s%s)', a.pid, a.application_name, a.usename,
                CASE WHEN a.xact_start IS NOT NULL THEN format(', %s since %s', a.state, a.xact_start) END)
             FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid WHERE l.virtualtransaction = $1 LIMIT 1),
            (SELECT format('the prepared transaction %L (of %s, since %s)', p.gid, p.owner, p.prepared)
             FROM pg_locks l JOIN pg_prepared_xacts p ON p.transaction = l.transactionid
             WHERE l.virtualtransaction = $1 AND l.locktype = 'transactionid' LIMIT 1),
            'a transaction')
        """;

    /// <summary>Settles a marker whose commit was acknowledged, and says so in a row that reads can name.</summary>
    /// <param name="marker">The marker's id.</param>
    /// <param name="table">The source table.</param>
    /// <param name="cancellationToken">Ends the wait; nothing was written.</param>
    /// <exception cref="CdcDmsException">A transaction writes the table for longer than the limit; nothing was written.</exception>
    /// <exception cref="NpgsqlException">The source refused it, or the connection was lost.</exception>
    public async Task SettleAsync(Guid marker, TableName table, CancellationToken cancellationToken)
    {
        var name = Sql.Identifier(table);
        var writing = await TransactionsAsync(Writing, cancellationToken, name);
        using var late = new CancellationTokenSource(limit);
        while (writing.Length > 0)
        {
            writing = await TransactionsAsync(StillWriting, cancellationToken, name, writing);
            if (writing.Length > 0 && late.IsCancellationRequested)
                throw await LateAsync(table, writing[0], cancellationToken);
            if (writing.Length > 0)
                await Task.Delay(Pause, cancellationToken);
        }

        await source.ExecuteAsync(
            $"INSERT INTO {Sql.Identifier(MarkerTable.Settled)} (marker_id, table_schema, table_name) VALUES ($1, $2, $3) "
            + "ON CONFLICT DO NOTHING",
            cancellationToken, marker, table.Schema, table.Name);
    }

    private async Task<string[]> TransactionsAsync(string sql, CancellationToken cancellationToken, params object?[] parameters) =>
        await source.QueryAsync(sql, row => row.GetString(0), cancellationToken, parameters).ToArrayAsync(cancellationToken);

    private async Task<CdcDmsException> LateAsync(TableName table, string transaction, CancellationToken cancellationToken) => new(
        ErrorKind.Unavailable,
        $"{table} was not read: {await source.ScalarAsync<string>(Names, cancellationToken, transaction)} writes to the table for longer "
        + $"than {limit.TotalSeconds:0} seconds, and what it has written may be in the change files already; end it, or try again later.");
}
