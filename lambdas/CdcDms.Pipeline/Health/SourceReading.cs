using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Health;

/// <summary>Reads how the source is: what it keeps for replication slots, and when a marker was written last.</summary>
internal static class SourceReading
{
    // A slot's column wal_status came with PostgreSQL 13, and conflicting with 16. A server in recovery writes no WAL of its own.
    private const string Slots =
        """
        SELECT slot_name::text, active,
            pg_wal_lsn_diff(here.lsn, restart_lsn)::bigint, pg_wal_lsn_diff(here.lsn, confirmed_flush_lsn)::bigint,
            coalesce(wal_status IN ('unreserved', 'lost'), false) OR coalesce((to_jsonb(s) ->> 'conflicting')::boolean, false)
        FROM pg_replication_slots s, LATERAL (
            SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END AS lsn) here
        WHERE slot_type = 'logical' AND database = current_database() ORDER BY slot_name
        """;

    private static readonly string Marker =
        $"SELECT max(written_at), extract(epoch FROM clock_timestamp() - max(written_at))::bigint FROM {Sql.Identifier(MarkerTable.Name)}";

    /// <summary>Reads once.</summary>
    /// <exception cref="CdcDmsException">The source cannot be read.</exception>
    public static async Task<SourceHealth?> ReadAsync(string connectionString, CancellationToken cancellationToken)
    {
        try
        {
            await using var source = await Database.OpenAsync(connectionString, "source", cancellationToken);
            var slots = await source.QueryAsync(Slots, Slot, cancellationToken).ToListAsync(cancellationToken);
            var (newest, age) = await MarkerTableReading.IsReadableAsync(source, cancellationToken)
                ? await source.SingleAsync(
                    Marker, row => row.IsDBNull(0) ? (null, null) : ((DateTime?)row.GetDateTime(0), (long?)row.GetInt64(1)),
                    cancellationToken)
                : (null, null);
            return new SourceHealth
            {
                Version = source.PostgreSqlVersion.ToString(),
                NewestMarkerUtc = newest,
                NewestMarkerSeconds = age is { } seconds ? Math.Max(0, seconds) : null,
                Slots = slots,
            };
        }
        catch (NpgsqlException fault)
        {
            throw PostgresFault.Tell(fault, "The source was not looked at");
        }
    }

    private static SlotHealth Slot(NpgsqlDataReader row) => new()
    {
        Name = row.GetString(0),
        IsActive = row.GetBoolean(1),
        RetainedBytes = row.IsDBNull(2) ? null : row.GetInt64(2),
        UnreadBytes = row.IsDBNull(3) ? null : row.GetInt64(3),
        IsLost = row.GetBoolean(4),
    };
}
