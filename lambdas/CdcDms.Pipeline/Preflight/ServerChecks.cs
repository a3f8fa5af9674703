using System.Globalization;

namespace CdcDms.Pipeline.Preflight;

/// <summary>What the source's server needs (docs/dms-contract.md#source-database).</summary>
internal static class ServerChecks
{
    private const long ShortestTimeoutMilliseconds = 10_000;
    private const long LongestTimeoutMilliseconds = 300_000;

    // docs/dms-contract.md#source-limits
    private static readonly Dictionary<int, Version> FirstEngines = new()
    {
        [13] = new(3, 4, 3),
        [14] = new(3, 4, 7),
        [15] = new(3, 5, 1),
        [16] = new(3, 5, 3),
        [17] = new(3, 6, 1),
    };

    public static IEnumerable<Finding> Replica(SourceState source)
    {
        if (source.Server.IsReplica)
            yield return Finding.WithoutSql(
                FindingSeverity.Blocks,
                "The source follows another server, and DMS takes no changes from a read replica; nor does the local capture, which writes "
                + "a slot, a publication and markers.",
                "Name the primary server as the source. This one may read rows for proofs (validation.source, --read-source).");
    }

    public static IEnumerable<Finding> Version(SourceState source)
    {
        var (major, engine) = (source.Server.MajorVersion, source.Settings.EngineVersion);
        if (!FirstEngines.TryGetValue(major, out var first))
            yield return Finding.WithoutSql(
                FindingSeverity.Warns,
                string.Create(CultureInfo.InvariantCulture, $"The source is PostgreSQL {major}, which is not in DMS's list of versions."),
                "Look whether the list has it now, and try it in a sandbox before you rely on it.");
        else if (engine is not null && engine < first)
            yield return Finding.WithoutSql(
                FindingSeverity.Blocks,
                string.Create(CultureInfo.InvariantCulture, $"The source is PostgreSQL {major}, which DMS {engine} does not know."),
                $"Set replication.instance.engineVersion to {first} or later in the environment file.");
    }

    public static IEnumerable<Finding> WalLevel(SourceState source)
    {
        if (source.Server.WalLevel == "logical")
            yield break;
        var reason = $"The source has wal_level = {source.Server.WalLevel}, so its changes cannot be decoded.";
        yield return source.Server.IsRds
            ? Finding.WithoutSql(
                FindingSeverity.Blocks, reason, "Set rds.logical_replication = 1 in the instance's parameter group, and reboot it.")
            : Finding.WithSql(FindingSeverity.Blocks, reason, "ALTER SYSTEM SET wal_level = 'logical'") with
            {
                ByHand = "Restart the server afterwards.",
            };
    }

    public static IEnumerable<Finding> FreeSlot(SourceState source)
    {
        var server = source.Server;
        if (server.Slots >= server.MaxSlots && (source.Settings.Slot is null || server.GivenSlotFaults is null))
            yield return Raised(
                source,
                "max_replication_slots",
                server.MaxSlots,
                $"All {server.MaxSlots} replication slots are taken, and a task needs one");
    }

    public static IEnumerable<Finding> FreeSender(SourceState source)
    {
        var server = source.Server;
        if (server.Senders >= server.MaxSenders)
            yield return Raised(
                source, "max_wal_senders", server.MaxSenders, $"All {server.MaxSenders} WAL senders are in use, and a task needs one");
    }

    public static IEnumerable<Finding> GivenSlot(SourceState source)
    {
        if (source.Settings.Slot is not { } slot || source.Server.GivenSlotFaults is "")
            yield break;
        const string position = "Write the slot's position into replication.slot.startLsn of the environment file.";
        var (missing, make) = (
            $"The source has no replication slot {slot}, which the task is to read.",
            StandbyChecks.MakeSlot(source, slot));
        yield return source.Server.GivenSlotFaults is { } faults
            ? Finding.WithoutSql(
                FindingSeverity.Blocks,
                $"The replication slot {slot}, which the task is to read, cannot serve it: {faults}.",
                $"Drop it if nothing needs it, make it anew with the plugin test_decoding, and begin a new generation. {position}")
            : source.Server.WalLevel != "logical" || source.Server.Slots >= source.Server.MaxSlots
            ? Finding.ToChoose(
                FindingSeverity.Blocks,
                missing,
                $"The server refuses it until wal_level and max_replication_slots let it. {position}",
                make)
            : Finding.WithSql(FindingSeverity.Blocks, missing, make) with { ByHand = position };
    }

    public static IEnumerable<Finding> SenderTimeout(SourceState source)
    {
        var (milliseconds, role) = (source.Server.SenderTimeoutMilliseconds, source.Server.Role);
        var cure = $"ALTER ROLE {role} SET wal_sender_timeout = '60s'";
        if (milliseconds is > 0 and < ShortestTimeoutMilliseconds)
            yield return Finding.WithSql(
                FindingSeverity.Blocks, $"wal_sender_timeout is {milliseconds} ms, and DMS fails when it is below 10 seconds.", cure);
        else if (milliseconds >= LongestTimeoutMilliseconds)
            yield return Finding.WithSql(
                FindingSeverity.Warns,
                $"wal_sender_timeout is {milliseconds / 1000} s; from 5 minutes on, DMS is delayed when it fails over to another zone.",
                cure);
    }

    public static IEnumerable<Finding> KeptWal(SourceState source)
    {
        if (source.Server.SlotWalMegabytes < 0)
            yield break;
        var reason = $"max_slot_wal_keep_size is {source.Server.SlotWalMegabytes} MB: the source removes WAL that a task needs which stood "
            + "still, and then every row has to be loaded again.";
        yield return source.Server.IsRds
            ? Finding.WithoutSql(
                FindingSeverity.Loses,
                reason,
                "Set max_slot_wal_keep_size = -1 in the instance's parameter group, and watch its free storage.")
            : Finding.WithSql(
                FindingSeverity.Loses, reason, "ALTER SYSTEM SET max_slot_wal_keep_size = -1", "SELECT pg_reload_conf()");
    }

    public static IEnumerable<Finding> PreparedTransactions(SourceState source) =>
        source.Server.OldPrepared.Select(name => Finding.WithoutSql(
            FindingSeverity.Warns,
            $"The prepared transaction '{name}' has been open for more than five minutes; a new slot waits until it has ended.",
            "End it with COMMIT PREPARED or ROLLBACK PREPARED."));

    private static Finding Raised(SourceState source, string parameter, int value, string reason) => source.Server.IsRds
        ? Finding.WithoutSql(
            FindingSeverity.Blocks,
            $"{reason}.",
            $"Drop what is not needed, or raise {parameter} in the instance's parameter group and reboot it.")
        : Finding.WithSql(
            FindingSeverity.Blocks,
            $"{reason}.",
            string.Create(CultureInfo.InvariantCulture, $"ALTER SYSTEM SET {parameter} = {value + 10}")) with
        {
            ByHand = "Restart the server afterwards.",
        };
}
