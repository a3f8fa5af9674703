using CdcDms.Contract;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;

namespace CdcDms.Pipeline.Status;

/// <summary>Reads from the ledger what was merged in the last minute, for one who keeps looking.</summary>
/// <param name="targetConnection">Connection string of the analytics database.</param>
public sealed class MergedLatelyJob(string targetConnection)
{
    private const int Seconds = 60;

    // By the index batches_by_time: of each table only the batches of the minute.
    private const string LastMinute = """
        SELECT coalesce(sum(b.batches), 0)::bigint, coalesce(sum(b.files), 0)::bigint, coalesce(sum(b.read), 0)::bigint
        FROM cdc.tables t CROSS JOIN LATERAL (
            SELECT count(*) AS batches, sum(files) AS files, sum(read) AS read
            FROM cdc.batches WHERE table_id = t.id AND committed_at >= statement_timestamp() - $1 * interval '1 second') b
        """;

    /// <summary>What was merged into all tables.</summary>
    /// <exception cref="CdcDmsException">The analytics database cannot be used.</exception>
    public Task<MergedLately> ReadAsync(CancellationToken cancellationToken) => Database.WithAnalyticsAsync(
        targetConnection, "The ledger was not read",
        async connection => await LedgerSchema.ExistsAsync(connection, cancellationToken)
            ? await connection.QueryAsync(
                LastMinute, row => new MergedLately(Seconds, row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), cancellationToken, Seconds)
                .SingleAsync(cancellationToken)
            : new MergedLately(Seconds, 0, 0, 0),
        cancellationToken);
}

/// <summary>What was merged of late.</summary>
/// <param name="Seconds">In how many seconds.</param>
/// <param name="Batches">Batches that were committed.</param>
/// <param name="Files">Their files.</param>
/// <param name="Rows">Rows that they read.</param>
public sealed record MergedLately(int Seconds, long Batches, long Files, long Rows);
