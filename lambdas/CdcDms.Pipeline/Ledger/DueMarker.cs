using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Ledger;

/// <summary>A marker that is due for a table: every change of the table below the marker is merged.</summary>
/// <param name="Number">The marker's number.</param>
/// <param name="CommittedUtc">When it was committed at the source.</param>
internal sealed record DueMarker(long Number, DateTime CommittedUtc)
{
    /// <summary>
    /// The newest generation of which the table <c>t</c> or its lake has anything: a table that a full load found empty has no file of it.
    /// </summary>
    public const string NewestGeneration =
        """
        greatest(
            (SELECT max(g.generation) FROM cdc.generations g WHERE g.table_id = t.id),
            (SELECT max(g.generation) FROM cdc.markers g WHERE g.lake = t.lake))
        """;

    /// <summary>
    /// Tells whether a marker is due for a table, over <c>cdc.markers m</c> and <c>cdc.tables t</c>: it is of the table's lake and newest
    /// generation, a later listing was merged whole, and the table has no rejected files, which may hold such changes.
    /// </summary>
    /// <remarks>
    /// Files of different tables are closed and uploaded at different times, and while the task stands still a file may be missing long.
    /// So a later marker, an interval after this one, must have been in the lake in time, and two more intervals have passed since. The
    /// interval is the longest that any marker has told since the day before: one that is written by hand may tell too short a one. Of the
    /// later markers the newest that counts is enough: an index gives it, where PostgreSQL would read all of them for any.
    /// </remarks>
    public const string Condition =
        $"""
        m.lake = t.lake AND m.generation = {NewestGeneration}
            AND m.stored_at <= t.listed_until - 3 * m.interval_seconds * interval '1 second'
            AND EXISTS (
                SELECT FROM (
                    SELECT max(i.interval_seconds) * interval '1 second' AS longest
                    FROM cdc.markers i
                    WHERE i.lake = m.lake AND i.generation = m.generation AND i.stored_at > m.stored_at - interval '1 day') files
                WHERE m.stored_at + files.longest <= (
                    SELECT max(later.stored_at) FROM cdc.markers later
                    WHERE later.lake = m.lake AND later.prompt AND later.stored_at <= t.listed_until - 2 * files.longest))
            AND NOT EXISTS (SELECT FROM cdc.rejected_files r WHERE r.table_id = t.id)
        """;

    /// <summary>A query for the number and the commit time of the newest marker that is due, over <c>cdc.tables t</c>.</summary>
    public const string Newest =
        $"SELECT m.number, m.committed_at FROM cdc.markers m WHERE {Condition} ORDER BY m.stored_at DESC LIMIT 1";

    /// <summary>The newest marker that is due for a table; null when none is.</summary>
    /// <param name="tableId">The table's number in the ledger.</param>
    public static async Task<DueMarker?> NewestAsync(NpgsqlConnection connection, int tableId, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            $"SELECT n.number, n.committed_at FROM cdc.tables t CROSS JOIN LATERAL ({Newest}) n WHERE t.id = $1",
            row => new DueMarker(row.GetInt64(0), row.GetDateTime(1)), cancellationToken, tableId).SingleOrDefaultAsync(cancellationToken);
}
