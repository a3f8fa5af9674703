using CdcDms.Pipeline.Preflight;

namespace CdcDms.Pipeline.Tests.Preflight;

/// <summary>What the server and the role must be like, from facts that no test server has.</summary>
public sealed class ServerFindingTests
{
    private static readonly ServerFacts Good = new()
    {
        MajorVersion = 17,
        IsReplica = false,
        WalLevel = "logical",
        MaxSlots = 10,
        Slots = 9,
        MaxSenders = 10,
        Senders = 9,
        SenderTimeoutMilliseconds = 60_000,
        SlotWalMegabytes = -1,
        OldPrepared = [],
        Role = "dms",
        IsSuperuser = false,
        MayReplicate = true,
        IsRds = false,
        IsRdsSuperuser = false,
        Timeouts = [],
        HasDdlAudit = true,
        PartsOfDdlAudit = [],
        MayWriteHeartbeat = true,
        GivenSlotFaults = null,
    };

    private static readonly MarkerFacts Markers = new(AreThere: true, MayUse: true, AreOwned: true, []);

    private static readonly StandbyFacts Alone = new([], [], [], []);

    private static readonly StandbyFacts Followed = Alone with { Slots = ["west"], WaitedFor = ["west"] };

    private static readonly PreflightSettings Settings = new() { EngineVersion = new Version(3, 6, 1) };

    [Fact]
    public void A_good_server_gives_no_finding()
    {
        Assert.Empty(Found(Good));
        Assert.Empty(Found(Good with { SenderTimeoutMilliseconds = 0 }));
        Assert.Empty(Found(Good with { Slots = 10, GivenSlotFaults = "" }, Settings with { Slot = "s" }));
        Assert.Empty(Found(Good with { HasDdlAudit = false }, Settings with { CaptureDdl = false }));
        Assert.Empty(Found(Good with { HasDdlAudit = false, IsSuperuser = true }));
        Assert.Empty(Found(Good with { MayWriteHeartbeat = null }, Settings with { HeartbeatSchema = null }));
        Assert.Empty(Found(Good with { MajorVersion = 16 }, Settings with { EngineVersion = null }));
    }

    [Fact]
    public void What_a_statement_cures_comes_with_it()
    {
        Cured("wal-level", Good with { WalLevel = "replica" }, "ALTER SYSTEM SET wal_level = 'logical'");
        Cured("replication-slots", Good with { Slots = 10 }, "ALTER SYSTEM SET max_replication_slots = 20");
        Cured("wal-senders", Good with { Senders = 10 }, "ALTER SYSTEM SET max_wal_senders = 20");
        Cured("wal-sender-timeout", Good with { SenderTimeoutMilliseconds = 9_999 }, "ALTER ROLE dms SET wal_sender_timeout = '60s'");
        Cured("wal-sender-timeout", Good with { SenderTimeoutMilliseconds = 300_000 }, "ALTER ROLE dms SET wal_sender_timeout = '60s'");
        Cured("slot-wal-limit", Good with { SlotWalMegabytes = 0 }, "ALTER SYSTEM SET max_slot_wal_keep_size = -1");
        Cured("replication-right", Good with { MayReplicate = false }, "ALTER ROLE dms REPLICATION");
        Cured("replication-right", Good with { MayReplicate = false, IsRds = true }, "GRANT rds_replication TO dms");
        Cured("session-timeouts", Good with { Timeouts = ["statement_timeout"] }, "ALTER ROLE dms SET statement_timeout = 0");
        Cured("heartbeat-schema", Good with { MayWriteHeartbeat = null }, "CREATE SCHEMA IF NOT EXISTS \"cdcdms\"");
        Cured("heartbeat-schema", Good with { MayWriteHeartbeat = false }, "GRANT USAGE, CREATE ON SCHEMA \"cdcdms\" TO dms");
        Cured("given-slot", Good, "SELECT * FROM pg_create_logical_replication_slot('s', 'test_decoding')", Settings with { Slot = "s" });
    }

    [Fact]
    public void What_needs_a_restart_a_parameter_group_or_another_server_is_told_so()
    {
        Told("read-replica", Good with { IsReplica = true }, "primary server");
        Told("wal-level", Good with { WalLevel = "replica" }, "Restart the server");
        Told("wal-level", Good with { WalLevel = "replica", IsRds = true }, "rds.logical_replication = 1");
        Told("replication-slots", Good with { Slots = 10, IsRds = true }, "parameter group");
        Told("wal-senders", Good with { Senders = 11, IsRds = true }, "parameter group");
        Told("slot-wal-limit", Good with { SlotWalMegabytes = 1024, IsRds = true }, "parameter group");
        Told("server-version", Good with { MajorVersion = 18 }, "sandbox");
        Told("server-version", Good, "3.6.1 or later", Settings with { EngineVersion = new Version(3, 6, 0) });
        Told("prepared-transactions", Good with { OldPrepared = ["x"] }, "ROLLBACK PREPARED");
        var early = Found(Good with { WalLevel = "replica" }, Settings with { Slot = "s" });
        Assert.Equal([false, true], early.Select(finding => finding.IsChoice));
        Assert.Contains(Found(Good with { Slots = 10 }, Settings with { Slot = "s" }), finding => finding.Check == "replication-slots");
        Told("given-slot", Good with { GivenSlotFaults = "its plugin is pgoutput" }, "new generation", Settings with { Slot = "s" });
    }

    [Fact]
    public void Tables_of_markers_are_the_role_s_own_where_it_may_be_given_them()
    {
        var missing = Markers with { AreThere = false, MayUse = false, AreOwned = false };

        Assert.Equal(
            ["GRANT USAGE ON SCHEMA \"cdcdms\" TO dms", "ALTER TABLE \"cdcdms\".\"marker\" OWNER TO dms",
                "ALTER TABLE \"cdcdms\".\"settled\" OWNER TO dms"],
            Assert.Single(Found(Good, markers: missing)).Sql.Skip(3));
        Assert.Equal(
            ["GRANT USAGE ON SCHEMA \"cdcdms\" TO dms",
                "GRANT SELECT, INSERT, DELETE ON \"cdcdms\".\"marker\", \"cdcdms\".\"settled\" TO dms"],
            Assert.Single(Found(Good with { IsRds = true }, markers: missing)).Sql.Skip(3));
        // Nothing is taken from somebody who has them.
        var foreign = Assert.Single(Found(Good, markers: Markers with { MayUse = false, AreOwned = false }));
        Assert.DoesNotContain(foreign.Sql, statement => statement.Contains("OWNER", StringComparison.Ordinal));
        var granted = Assert.Single(Found(Good, markers: Markers with { AreOwned = false }));
        Assert.Equal((FindingSeverity.Warns, true), (granted.Severity, granted.IsChoice));
        Assert.Empty(Found(Good with { IsRds = true }, markers: Markers with { AreOwned = false }));
    }

    [Fact]
    public void A_standby_is_told_where_a_failover_to_it_would_lose_something()
    {
        var given = Settings with { Slot = "s" };
        var (served, older) = (Good with { GivenSlotFaults = "" }, Good with { GivenSlotFaults = "", MajorVersion = 16 });

        Assert.Empty(Found(served, given, standbys: Followed));
        // On RDS a failover never goes to a read replica, and a standby's own standbys are not the task's.
        Assert.Empty(Found(Good with { IsRds = true }, standbys: Followed with { WaitedFor = [] }));
        Assert.Equal(["read-replica"], Found(Good with { IsReplica = true }, standbys: Followed).Select(finding => finding.Check));
        Assert.Equal(
            "The source has a standby (west), and a slot that DMS makes is no failover slot: after a failover every row has to be loaded "
            + "again. The slot of the local capture is one.",
            Assert.Single(Found(Good, standbys: Followed)).Reason);
        Assert.StartsWith(
            "The source has a standby (west), and PostgreSQL 16 carries no logical slot to one",
            Assert.Single(Found(older, given, standbys: Followed with { WaitedFor = [], Uncarried = ["s"] })).Reason,
            StringComparison.Ordinal);
        Assert.Equal(
            "SELECT * FROM pg_create_logical_replication_slot('s', 'test_decoding', failover => true)",
            Assert.Single(Assert.Single(Found(Good, given, standbys: Followed)).Sql));
    }

    [Fact]
    public void The_page_lists_every_check_of_the_source()
    {
        var page = Repository.Read("docs", "command-line.md");

        Assert.All(SourceChecks.All, check => Assert.Contains($"`{check.Name}`", page, StringComparison.Ordinal));
        Assert.Distinct(SourceChecks.All.Select(check => check.Name));
    }

    private static void Cured(string check, ServerFacts facts, string sql, PreflightSettings? settings = null)
    {
        var finding = Assert.Single(Found(facts, settings));
        Assert.Equal(check, finding.Check);
        Assert.Equal(sql, finding.Sql[0]);
    }

    private static void Told(string check, ServerFacts facts, string byHand, PreflightSettings? settings = null)
    {
        var finding = Assert.Single(Found(facts, settings));
        Assert.Equal(check, finding.Check);
        Assert.Contains(byHand, finding.ByHand, StringComparison.Ordinal);
    }

    private static List<Finding> Found(
        ServerFacts facts, PreflightSettings? settings = null, MarkerFacts? markers = null, StandbyFacts? standbys = null)
    {
        var state = new SourceState
        {
            Settings = settings ?? Settings,
            Server = facts,
            Standbys = standbys ?? Alone,
            Markers = markers ?? Markers,
            Tables = [],
            Missing = [],
        };
        return [.. SourceChecks.All.SelectMany(check => check.Of(state))];
    }
}
