using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Markers;

/// <summary>
/// The transactions that have written a table, or may have, and are not seen by others yet. They are known by their numbers.
/// </summary>
/// <param name="source">A connection to the source's primary, without a transaction.</param>
/// <param name="table">The source table.</param>
public sealed class TableWriters(NpgsqlConnection source, TableName table)
{
    // Locks go only after a transaction's changes are visible, which its disappearance from a snapshot's list of running transactions does
    // not say: that list leaves out the newest. A prepared transaction keeps its locks and its number, but has no process and another
    // virtual number. A transaction without a number has not written yet. Weaker modes write no rows, and ShareUpdateExclusive is a
    // VACUUM's, which may take hours. PostgreSQL's own pg_partition_tree would wait for a table that is locked.
    private const string Writing =
        """
        WITH RECURSIVE tree (oid) AS (
            SELECT to_regclass($1)::oid
            UNION ALL
            SELECT i.inhrelid FROM tree JOIN pg_class p ON p.oid = tree.oid AND p.relkind = 'p' JOIN pg_inherits i ON i.inhparent = p.oid),
        held AS MATERIALIZED (SELECT * FROM pg_locks WHERE granted)
        SELECT DISTINCT x.transactionid::text
        FROM held l JOIN pg_database d ON d.oid = l.database AND d.datname = current_database()
            JOIN held x ON x.virtualtransaction = l.virtualtransaction AND x.locktype = 'transactionid' AND x.mode = 'ExclusiveLock'
        WHERE l.locktype = 'relation' AND l.relation IN (SELECT oid FROM tree)
            AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
        """;

    private const string Running =
        """
        SELECT DISTINCT transactionid::text FROM pg_locks
        WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock' AND granted AND transactionid::text = ANY ($1)
        """;

    // What another role does is seen by members of pg_read_all_stats alone.
    private const string Name =
        """
        SELECT coalesce(
            (SELECT format('the session %s (%s, of %s%s)', a.pid, a.application_name, a.usename,
                CASE WHEN a.xact_start IS NOT NULL THEN format(', %s since %s', a.state, a.xact_start) END)
             FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
             WHERE l.locktype = 'transactionid' AND l.mode = 'ExclusiveLock' AND l.granted AND l.transactionid::text = $1 LIMIT 1),
            (SELECT format('the prepared transaction %L (of %s, since %s)', gid, owner, prepared)
             FROM pg_prepared_xacts WHERE transaction::text = $1),
            'a transaction')
        """;

    /// <summary>Those of now; none of a table that is not there.</summary>
    public Task<string[]> NowAsync(CancellationToken cancellationToken) =>
        NumbersAsync(Writing, Sql.Identifier(table), cancellationToken);

    /// <summary>Those of some that have not ended.</summary>
    public async Task<string[]> StillAsync(string[] transactions, CancellationToken cancellationToken) =>
        transactions.Length == 0 ? [] : await NumbersAsync(Running, transactions, cancellationToken);

    /// <summary>What a person knows a transaction by, for a sentence.</summary>
    public Task<string> NameAsync(string transaction, CancellationToken cancellationToken) =>
        source.ScalarAsync<string>(Name, cancellationToken, transaction);

    private async Task<string[]> NumbersAsync(string sql, object parameter, CancellationToken cancellationToken) =>
        await source.QueryAsync(sql, row => row.GetString(0), cancellationToken, parameter).ToArrayAsync(cancellationToken);
}
