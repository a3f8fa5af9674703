using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Preflight;

/// <summary>The server and the role of a source, as one statement reads them.</summary>
internal sealed record ServerFacts
{
    // Parameters of a role are in force in its sessions, also in this one. RDS and Aurora are known by a role that only they have.
    private const string Find =
        """
        SELECT pg_is_in_recovery(), current_setting('wal_level'),
          current_setting('max_replication_slots')::int, (SELECT count(*) FROM pg_replication_slots)::int,
          current_setting('max_wal_senders')::int, (SELECT count(*) FROM pg_stat_replication)::int,
          (SELECT setting::bigint FROM pg_settings WHERE name = 'wal_sender_timeout'),
          (SELECT setting::bigint FROM pg_settings WHERE name = 'max_slot_wal_keep_size'),
          ARRAY(SELECT gid FROM pg_prepared_xacts WHERE prepared < now() - interval '5 minutes' ORDER BY prepared),
          quote_ident(current_user), rolsuper, rolreplication,
          EXISTS (SELECT FROM pg_roles WHERE rolname = 'rds_replication'),
          EXISTS (SELECT FROM pg_roles m WHERE m.rolname = 'rds_replication' AND pg_has_role(m.oid, 'MEMBER')),
          EXISTS (SELECT FROM pg_roles m WHERE m.rolname = 'rds_superuser' AND pg_has_role(m.oid, 'MEMBER')),
          ARRAY(SELECT name FROM pg_settings WHERE setting <> '0' AND name IN (
            'statement_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout') ORDER BY name),
          EXISTS (SELECT FROM pg_event_trigger e JOIN pg_proc f ON f.oid = e.evtfoid
              WHERE e.evtname = 'awsdms_intercept_ddl' AND e.evtenabled IN ('O', 'A') AND f.pronamespace = to_regnamespace('public'))
            AND EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public' AND tablename = 'awsdms_ddl_audit'),
          ARRAY(
            SELECT format('the event trigger %s (of %s, %s by %s())', evtname, pg_get_userbyid(evtowner),
              CASE WHEN evtenabled IN ('O', 'A') THEN 'served' ELSE 'disabled, served' END, evtfoid::regproc)
            FROM pg_event_trigger WHERE evtname = 'awsdms_intercept_ddl'
            UNION ALL SELECT format('the table public.awsdms_ddl_audit (of %s)', pg_get_userbyid(relowner))
            FROM pg_class WHERE relnamespace = to_regnamespace('public') AND relname = 'awsdms_ddl_audit'
            UNION ALL SELECT format('the function public.awsdms_intercept_ddl() (of %s)', pg_get_userbyid(proowner))
            FROM pg_proc WHERE pronamespace = to_regnamespace('public') AND proname = 'awsdms_intercept_ddl' AND pronargs = 0),
          (SELECT has_schema_privilege(oid, 'USAGE') AND has_schema_privilege(oid, 'CREATE') FROM pg_namespace WHERE nspname = $1),
          EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $2),
          (SELECT concat_ws(', ',
              CASE WHEN plugin IS DISTINCT FROM 'test_decoding' THEN 'its plugin is not test_decoding' END,
              CASE WHEN database IS DISTINCT FROM current_database() THEN 'it belongs to another database' END,
              CASE WHEN wal_status = 'lost' THEN 'the WAL behind it is gone' END,
              CASE WHEN active THEN 'another session uses it' END)
           FROM pg_replication_slots WHERE slot_name = $2)
        FROM pg_roles WHERE rolname = current_user
        """;

    /// <summary>PostgreSQL's version; its major number.</summary>
    public required int MajorVersion { get; init; }

    /// <summary>Whether the server follows another one.</summary>
    public required bool IsReplica { get; init; }

    /// <summary>The parameter <c>wal_level</c>.</summary>
    public required string WalLevel { get; init; }

    /// <summary>The parameter <c>max_replication_slots</c>.</summary>
    public required int MaxSlots { get; init; }

    /// <summary>Replication slots that there are.</summary>
    public required int Slots { get; init; }

    /// <summary>The parameter <c>max_wal_senders</c>.</summary>
    public required int MaxSenders { get; init; }

    /// <summary>Senders that run.</summary>
    public required int Senders { get; init; }

    /// <summary>The role's <c>wal_sender_timeout</c> in milliseconds; 0 for none.</summary>
    public required long SenderTimeoutMilliseconds { get; init; }

    /// <summary>The parameter <c>max_slot_wal_keep_size</c> in megabytes; −1 for no limit.</summary>
    public required long SlotWalMegabytes { get; init; }

    /// <summary>Transactions that were prepared more than five minutes ago and have not ended.</summary>
    public required IReadOnlyList<string> OldPrepared { get; init; }

    /// <summary>The session's role, as a statement needs it.</summary>
    public required string Role { get; init; }

    /// <summary>Whether the role is a superuser.</summary>
    public required bool IsSuperuser { get; init; }

    /// <summary>Whether the role may use replication: by the attribute, as a superuser, or as a member of RDS's role.</summary>
    public required bool MayReplicate { get; init; }

    /// <summary>Whether the server is RDS or Aurora.</summary>
    public required bool IsRds { get; init; }

    /// <summary>Whether the role is a member of <c>rds_superuser</c>.</summary>
    public required bool IsRdsSuperuser { get; init; }

    /// <summary>Parameters that end a session or statement of the role after some time.</summary>
    public required IReadOnlyList<string> Timeouts { get; init; }

    /// <summary>Whether the audit table of DDL is there and its event trigger fires.</summary>
    public required bool HasDdlAudit { get; init; }

    /// <summary>What is there of table, function and event trigger of that audit, with the owners, in words.</summary>
    public required IReadOnlyList<string> PartsOfDdlAudit { get; init; }

    /// <summary>Whether the role may use and create in the heartbeat's schema; null without the schema.</summary>
    public required bool? MayWriteHeartbeat { get; init; }

    /// <summary>What is wrong with the slot that the task is given; empty when nothing is, null when there is none.</summary>
    public required string? GivenSlotFaults { get; init; }

    public static Task<ServerFacts> ReadAsync(
        NpgsqlConnection connection, PreflightSettings settings, CancellationToken cancellationToken) =>
        connection.SingleAsync(
            Find,
            row => new ServerFacts
            {
                MajorVersion = connection.PostgreSqlVersion.Major,
                IsReplica = row.GetBoolean(0),
                WalLevel = row.GetString(1),
                MaxSlots = row.GetInt32(2),
                Slots = row.GetInt32(3),
                MaxSenders = row.GetInt32(4),
                Senders = row.GetInt32(5),
                SenderTimeoutMilliseconds = row.GetInt64(6),
                SlotWalMegabytes = row.GetInt64(7),
                OldPrepared = row.GetFieldValue<string[]>(8),
                Role = row.GetString(9),
                IsSuperuser = row.GetBoolean(10),
                IsRds = row.GetBoolean(12),
                MayReplicate = row.GetBoolean(10) || (row.GetBoolean(12) ? row.GetBoolean(13) : row.GetBoolean(11)),
                IsRdsSuperuser = row.GetBoolean(14),
                Timeouts = row.GetFieldValue<string[]>(15),
                HasDdlAudit = row.GetBoolean(16),
                PartsOfDdlAudit = row.GetFieldValue<string[]>(17),
                MayWriteHeartbeat = row.IsDBNull(18) ? null : row.GetBoolean(18),
                GivenSlotFaults = row.GetBoolean(19) ? row.GetString(20) : null,
            },
            cancellationToken,
            settings.HeartbeatSchema ?? "",
            settings.Slot ?? "");
}
