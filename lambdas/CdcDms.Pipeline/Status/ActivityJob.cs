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
        SELECT t.target_schema, t.target_name, array_agg(b.hour), array_agg(b.read), sum(b.batches)::bigint, sum(b.files)::bigint,
            sum(b.bytes)::bigint, sum(b.read)::bigint, sum(b.inserted)::bigint, sum(b.updated)::bigint, sum(b.deleted)::bigint
        FROM (
            SELECT array_agg(date_trunc('hour', statement_timestamp()) - ago * interval '1 hour' ORDER BY ago DESC) AS begins
            FROM generate_series(0, 23) ago) hours
        CROSS JOIN cdc.tables t CROSS JOIN LATERAL (
            SELECT width_bucket(committed_at, hours.begins) AS hour, count(*) AS batches, sum(files) AS files, sum(bytes) AS bytes,
                sum(read)::bigint AS read, sum(inserted) AS inserted, sum(updated) AS updated, sum(deleted) AS deleted
            FROM cdc.batches WHERE table_id = t.id AND committed_at >= hours.begins[1]
            GROUP BY 1) b
        GROUP BY t.id
        """;

    // Proofs that were asked for together are of one. Those that differ are what repair --differences takes.
    private const string Proofs = """
        SELECT t.target_schema, t.target_name, n.judged_at, n.suspects, d.different
        FROM cdc.tables t CROSS JOIN LATERAL (
            SELECT max(p.judged_at) AS judged_at, sum(p.changed_since + p.explained) AS suspects FROM cdc.proofs p
            WHERE p.table_id = t.id AND p.outcome IS NOT NULL AND p.of_proof = (
                SELECT l.of_proof FROM cdc.proofs l WHERE l.table_id = t.id AND l.outcome IS NOT NULL ORDER BY l.of_proof DESC LIMIT 1)) n
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(found), 0)::bigint AS different
            FROM cdc.proofs p CROSS JOIN LATERAL (SELECT count(*) AS found FROM cdc.differences d WHERE d.proof_id = p.id) d
            WHERE p.table_id = t.id AND p.repaired < found AND p.judged_at > coalesce(t.proven_at, '-infinity') AND p.of_proof = (
                SELECT l.of_proof FROM cdc.proofs l WHERE l.table_id = t.id AND l.outcome = 'Different' ORDER BY l.of_proof DESC LIMIT 1)
            ) d
        WHERE n.judged_at IS NOT NULL
        """;

    // Whatever a page shows of a table changes one of these; freshness moves only with a listing.
    private const string Marks = """
        SELECT concat_ws(' ', date_trunc('hour', statement_timestamp()),
            (SELECT max(id) FROM cdc.batches), (SELECT count(*) FROM cdc.quarantine WHERE closed_at IS NULL),
            (SELECT concat(count(*), max(rejected_at)) FROM cdc.rejected_files), (SELECT concat(count(*), max(since)) FROM cdc.unproven),
            (SELECT concat(max(id), ' ', count(*) FILTER (WHERE outcome IS NULL)) FROM cdc.proofs),
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
            var proofs = await connection.QueryAsync(Proofs, Proof, cancellationToken)
                .ToDictionaryAsync(proof => proof.Target, cancellationToken: cancellationToken);
            return new PipelineActivity(now, [.. tables.Select(table => new TableActivity(
                table,
                days.TryGetValue(table.Target, out var day) ? day.Hours : new long[Hours],
                day.Counts ?? DayCounts.None,
                proofs.TryGetValue(table.Target, out var proof) ? proof.Counts : ProofCounts.None))]);
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
            var ledger = await LedgerAsync(connection, target, cancellationToken);
            return await connection.QueryAsync(
                $"""
                SELECT {BatchStatus.Columns} FROM cdc.batches b WHERE table_id = $1 AND committed_at < coalesce($2, 'infinity'::timestamptz)
                ORDER BY committed_at DESC LIMIT $3
                """,
                row => BatchStatus.Read(row, 0), cancellationToken, ledger.Id, beforeUtc, Math.Min(most, MostBatches))
                .ToListAsync(cancellationToken);
        },
        cancellationToken);

    /// <summary>A table's part of the ledger.</summary>
    /// <exception cref="CdcDmsException">Nothing was ever merged into the table, or the ledger is of another version.</exception>
    internal static async Task<TableLedger> LedgerAsync(
        NpgsqlConnection connection, TableName target, CancellationToken cancellationToken) =>
        (await LedgerSchema.ExistsAsync(connection, cancellationToken)
            ? await TableLedger.FindAsync(connection, target, cancellationToken)
            : null)
        ?? throw new CdcDmsException(
            ErrorKind.BadDefinition, $"Nothing was ever merged into {target}; take a table that the ledger has.");

    private Task<T> WithLedgerAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken) =>
        Database.WithAnalyticsAsync(targetConnection, "The ledger was not read", work, cancellationToken);

    private static (string Target, ProofCounts Counts) Proof(NpgsqlDataReader row) => (
        new TableName(row.GetString(0), row.GetString(1)).ToString(),
        new ProofCounts(row.GetDateTime(2), row.GetInt64(3), row.GetInt64(4)));

    private static (string Target, long[] Hours, DayCounts Counts) Day(NpgsqlDataReader row)
    {
        var hours = new long[Hours];
        // 1 is the oldest of the hours.
        foreach (var (hour, read) in row.GetFieldValue<int[]>(2).Zip(row.GetFieldValue<long[]>(3)))
            hours[hour - 1] += read;
        return (
            new TableName(row.GetString(0), row.GetString(1)).ToString(), hours,
            new DayCounts(
                row.GetInt64(4), row.GetInt64(5), row.GetInt64(6), row.GetInt64(7), row.GetInt64(8), row.GetInt64(9), row.GetInt64(10)));
    }
}
