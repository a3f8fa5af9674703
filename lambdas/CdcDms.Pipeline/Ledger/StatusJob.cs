using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Ledger;

/// <summary>Tells where tables stand.</summary>
/// <param name="targetConnection">Connection string of the analytics database.</param>
public sealed class StatusJob(string targetConnection)
{
    private const int FirstOfBatch = 14;

    private const string Tables = $"""
        SELECT t.target_schema, t.target_name, t.parked_cause, t.drained_at, t.proven_at,
            (SELECT count(*) FROM cdc.quarantine q WHERE q.table_id = t.id AND q.closed_at IS NULL),
            ARRAY(SELECT r.key FROM cdc.rejected_files r WHERE r.table_id = t.id ORDER BY r.key, r.rejected_at),
            ARRAY(SELECT r.reason FROM cdc.rejected_files r WHERE r.table_id = t.id ORDER BY r.key, r.rejected_at),
            ARRAY(SELECT r.told FROM cdc.rejected_files r WHERE r.table_id = t.id ORDER BY r.key, r.rejected_at),
            f.committed_at, extract(epoch FROM clock_timestamp() - f.committed_at)::bigint,
            ARRAY(SELECT u.cause FROM cdc.unproven u WHERE u.table_id = t.id ORDER BY u.since, u.cause, u.subject),
            ARRAY(SELECT u.subject FROM cdc.unproven u WHERE u.table_id = t.id ORDER BY u.since, u.cause, u.subject),
            ARRAY(SELECT u.since FROM cdc.unproven u WHERE u.table_id = t.id ORDER BY u.since, u.cause, u.subject),
            {BatchStatus.Columns}
        FROM cdc.tables t LEFT JOIN LATERAL ({DueMarker.Newest}) f ON true
        LEFT JOIN LATERAL (SELECT * FROM cdc.batches WHERE table_id = t.id ORDER BY committed_at DESC LIMIT 1) b ON true
        WHERE t.target_schema <> 'cdc' ORDER BY t.target_schema, t.target_name
        """;

    /// <summary>The status of every table in the ledger; none when nothing was merged yet.</summary>
    /// <exception cref="CdcDmsException">The analytics database cannot be used.</exception>
    public Task<List<TableStatus>> ReadAsync(CancellationToken cancellationToken) => Database.WithAnalyticsAsync(
        targetConnection, "The ledger was not read or changed", connection => ReadAsync(connection, cancellationToken), cancellationToken);

    /// <summary>Reads by a connection to the analytics database.</summary>
    internal static async Task<List<TableStatus>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // Nothing is created for somebody who only looks.
        if (!await LedgerSchema.ExistsAsync(connection, cancellationToken))
            return [];
        // Of many tables PostgreSQL takes the query for a long one, and would compile it for longer than it runs.
        await connection.ExecuteAsync("SET jit = off", cancellationToken);
        return await connection.QueryAsync(Tables, Read, cancellationToken).ToListAsync(cancellationToken);
    }

    private static TableStatus Read(NpgsqlDataReader row)
    {
        var cause = row.IsDBNull(2) ? null : row.GetString(2);
        DateTime? drained = row.IsDBNull(3) ? null : row.GetDateTime(3);
        return new TableStatus
        {
            Target = new TableName(row.GetString(0), row.GetString(1)).ToString(),
            State = cause is not null ? TableState.Parked : drained is null ? TableState.Loading : TableState.Replicating,
            ParkedCause = cause,
            DrainedUtc = drained,
            ProvenUtc = row.IsDBNull(4) ? null : row.GetDateTime(4),
            Unproven =
            [
                .. row.GetFieldValue<string[]>(11).Zip(
                    row.GetFieldValue<string[]>(12), row.GetFieldValue<DateTime[]>(13)).Select(
                    mark => new Unproven(Enum.Parse<UnprovenCause>(mark.First), mark.Second, mark.Third)),
            ],
            LastBatch = row.IsDBNull(FirstOfBatch) ? null : BatchStatus.Read(row, FirstOfBatch),
            FreshUntilUtc = row.IsDBNull(9) ? null : row.GetDateTime(9),
            FreshnessSeconds = row.IsDBNull(10) ? null : Math.Max(0, row.GetInt64(10)),
            Quarantined = row.GetInt64(5),
            RejectedFiles =
            [
                .. row.GetFieldValue<string[]>(6).Zip(row.GetFieldValue<string[]>(7), row.GetFieldValue<string?[]>(8)).Select(
                    file => new RejectedObject(file.First, file.Second, file.Third)),
            ],
        };
    }
}
