using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Status;

/// <summary>Reads what is going on from the ledger, for one who keeps looking: by a role that may only read, and changes nothing.</summary>
/// <param name="targetConnection">Connection string of the analytics database.</param>
public sealed class ActivityJob(string targetConnection)
{
    /// <summary>The most batches that are given at once.</summary>
    public const int MostBatches = 500;

    private const int Hours = 24;

    // By the index batches_by_time: of each table only the batches of a day.
    private const string LastDay = """
        SELECT t.target_schema, t.target_name, array_agg(b.hours_ago), array_agg(b.read), sum(b.batches)::bigint, sum(b.files)::bigint,
            sum(b.bytes)::bigint, sum(b.read)::bigint, sum(b.inserted)::bigint, sum(b.updated)::bigint, sum(b.deleted)::bigint
        FROM cdc.tables t CROSS JOIN LATERAL (
            SELECT (extract(epoch FROM date_trunc('hour', statement_timestamp()) - date_trunc('hour', committed_at)) / 3600)::int
                    AS hours_ago,
                count(*) AS batches, sum(files) AS files, sum(bytes) AS bytes, sum(read)::bigint AS read, sum(inserted) AS inserted,
                sum(updated) AS updated, sum(deleted) AS deleted
            FROM cdc.batches
            WHERE table_id = t.id AND committed_at >= date_trunc('hour', statement_timestamp()) - interval '23 hours'
            GROUP BY 1) b
        GROUP BY t.id
        """;

    // Whatever a page shows of a table changes one of these; freshness moves only with a listing.
    private const string Marks = """
        SELECT concat_ws(' ', date_trunc('hour', statement_timestamp()),
            (SELECT max(id) FROM cdc.batches), (SELECT count(*) FROM cdc.quarantine WHERE closed_at IS NULL),
            (SELECT concat(count(*), max(rejected_at)) FROM cdc.rejected_files), (SELECT concat(count(*), max(since)) FROM cdc.unproven),
            (SELECT md5(string_agg(concat_ws(' ', id, parked_cause, drained_at, proven_at, listed_until), ',' ORDER BY id))
                FROM cdc.tables))
        """;

    /// <summary>Where all tables stand, and what was merged into them in the last day.</summary>
    /// <exception cref="CdcDmsException">The analytics database cannot be used.</exception>
    public Task<PipelineActivity> ReadAsync(CancellationToken cancellationToken) => WithLedgerAsync(
        async connection =>
        {
            var now = await connection.ScalarAsync<DateTime>("SELECT statement_timestamp()", cancellationToken);
            var tables = await StatusJob.ReadAsync(connection, cancellationToken);
            if (tables.Count == 0)
                return new PipelineActivity(now, []);
            var days = await connection.QueryAsync(LastDay, Day, cancellationToken)
                .ToDictionaryAsync(day => day.Target, cancellationToken: cancellationToken);
            return new PipelineActivity(now, [.. tables.Select(table => days.TryGetValue(table.Target, out var day)
                ? new TableActivity(table, day.Hours, day.Counts)
                : new TableActivity(table, new long[Hours], DayCounts.None))]);
        },
        cancellationToken);

    /// <summary>A text that is another one once anything has changed that <see cref="ReadAsync"/> tells, at little cost.</summary>
    /// <exception cref="CdcDmsException">The analytics database cannot be used.</exception>
    public Task<string> MarkAsync(CancellationToken cancellationToken) => WithLedgerAsync(
        async connection => await LedgerSchema.ExistsAsync(connection, cancellationToken)
            ? await connection.ScalarAsync<string>(Marks, cancellationToken)
            : "",
        cancellationToken);

    /// <summary>A table's batches, the newest first.</summary>
    /// <param name="target">The target table.</param>
    /// <param name="beforeUtc">Only batches that committed before; null for the newest.</param>
    /// <param name="most">The most that are given, up to <see cref="MostBatches"/>.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="CdcDmsException">The analytics database cannot be used, or nothing was ever merged into the table.</exception>
    public Task<List<BatchStatus>> BatchesAsync(
        TableName target, DateTime? beforeUtc, int most, CancellationToken cancellationToken) => WithLedgerAsync(
        async connection =>
        {
            var ledger = await LedgerSchema.ExistsAsync(connection, cancellationToken)
                ? await TableLedger.FindAsync(connection, target, cancellationToken)
                : null;
            if (ledger is null)
                throw new CdcDmsException(
                    ErrorKind.BadDefinition, $"Nothing was ever merged into {target}; take a table that the ledger has.");
            return await connection.QueryAsync(
                $"""
                SELECT {BatchStatus.Columns} FROM cdc.batches b WHERE table_id = $1 AND committed_at < coalesce($2, 'infinity'::timestamptz)
                ORDER BY committed_at DESC LIMIT $3
                """,
                row => BatchStatus.Read(row, 0), cancellationToken, ledger.Id, beforeUtc, Math.Min(most, MostBatches))
                .ToListAsync(cancellationToken);
        },
        cancellationToken);

    private Task<T> WithLedgerAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken) =>
        Database.WithAnalyticsAsync(targetConnection, "The ledger was not read", work, cancellationToken);

    private static (string Target, long[] Hours, DayCounts Counts) Day(NpgsqlDataReader row)
    {
        var hours = new long[Hours];
        foreach (var (ago, read) in row.GetFieldValue<int[]>(2).Zip(row.GetFieldValue<long[]>(3)))
            hours[^(Math.Max(0, ago) + 1)] += read;
        return (
            new TableName(row.GetString(0), row.GetString(1)).ToString(), hours,
            new DayCounts(
                row.GetInt64(4), row.GetInt64(5), row.GetInt64(6), row.GetInt64(7), row.GetInt64(8), row.GetInt64(9), row.GetInt64(10)));
    }
}
