using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Preflight;

/// <summary>The standbys of a source, as far as it knows them: by the physical replication slots that they read.</summary>
/// <param name="Slots">The standbys' physical slots; temporary ones are of backups.</param>
/// <param name="WithoutFeedback">Those of them that are read and hold no row for what the standby reads.</param>
/// <param name="WaitedFor">The standbys' slots for which logical slots wait (<c>synchronized_standby_slots</c>).</param>
/// <param name="Uncarried">Logical slots of this database that no standby gets.</param>
internal sealed record StandbyFacts(
    IReadOnlyList<string> Slots,
    IReadOnlyList<string> WithoutFeedback,
    IReadOnlyList<string> WaitedFor,
    IReadOnlyList<string> Uncarried)
{
    // The column failover and the parameter came with PostgreSQL 17.
    private const string Find =
        """
        SELECT
          ARRAY(SELECT slot_name::text FROM pg_replication_slots WHERE slot_type = 'physical' AND NOT temporary ORDER BY 1),
          ARRAY(
            SELECT slot_name::text FROM pg_replication_slots
            WHERE slot_type = 'physical' AND NOT temporary AND active AND xmin IS NULL AND catalog_xmin IS NULL ORDER BY 1),
          regexp_split_to_array(coalesce(current_setting('synchronized_standby_slots', true), ''), '[\s,"]+'),
          ARRAY(
            SELECT slot_name::text FROM pg_replication_slots s
            WHERE slot_type = 'logical' AND NOT temporary AND database = current_database()
              AND NOT coalesce((to_jsonb(s) ->> 'failover')::boolean, false) ORDER BY 1)
        """;

    public static Task<StandbyFacts> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        connection.SingleAsync(
            Find,
            row => new StandbyFacts(
                row.GetFieldValue<string[]>(0),
                row.GetFieldValue<string[]>(1),
                row.GetFieldValue<string[]>(2),
                row.GetFieldValue<string[]>(3)),
            cancellationToken);
}
