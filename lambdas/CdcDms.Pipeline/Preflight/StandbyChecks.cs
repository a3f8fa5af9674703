using System.Globalization;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Postgres;

namespace CdcDms.Pipeline.Preflight;

/// <summary>
/// What a failover to a standby of the source would lose (docs/dms-contract.md#standbys-of-the-source). On RDS a failover keeps the slots,
/// since it goes to a copy of the disk and never to a read replica.
/// </summary>
internal static class StandbyChecks
{
    private const int FirstThatCarriesSlots = 17;

    /// <summary>Whether the source has standbys that can get logical slots.</summary>
    public static bool CarriesSlots(SourceState source) =>
        MayFailOver(source) && source.Server.MajorVersion >= FirstThatCarriesSlots;

    public static IEnumerable<Finding> Slots(SourceState source)
    {
        if (!MayFailOver(source))
            yield break;
        var (standbys, given) = (source.Standbys, source.Settings.Slot);
        if (!CarriesSlots(source))
        {
            yield return Finding.WithoutSql(
                FindingSeverity.Warns,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The source has a standby ({Named.Of(standbys.Slots)}), and PostgreSQL {source.Server.MajorVersion} carries no "
                    + $"logical slot to one: after a failover every row has to be loaded again."),
                "Begin a new generation after a failover. PostgreSQL 17 and later can carry slots.");
            yield break;
        }

        if (given is not null && standbys.Uncarried.Contains(given))
            yield return Finding.ToChoose(
                FindingSeverity.Warns,
                $"The replication slot {given}, which the task is to read, is no failover slot: a standby does not have it, and after a "
                + "failover every row has to be loaded again.",
                "Do this before the task's first start only, since the new slot begins where the WAL ends then; write its position into "
                + "replication.slot.startLsn of the environment file.",
                $"SELECT pg_drop_replication_slot({Sql.Literal(given)})",
                MakeSlot(source, given));
        if (given is null)
            yield return Finding.WithoutSql(
                FindingSeverity.Warns,
                $"The source has a standby ({Named.Of(standbys.Slots)}), and a slot that DMS makes is no failover slot: after a failover "
                + "every row has to be loaded again. The slot of the local capture is one.",
                "Begin a new generation after a failover; or, for a task of changes only, make the slot yourself with failover => true, "
                + "and name it in replication.slot of the environment file.");
        var others = standbys.Uncarried.Where(slot => slot != given).ToList();
        if (others.Count > 0)
            yield return Finding.WithoutSql(
                FindingSeverity.Warns,
                $"There are logical slots that are no failover slots ({Named.Of(others)}): a standby does not have them, and what reads "
                + "them cannot go on after a failover.",
                "What reads them has to make them anew with the option failover, and to begin again; a slot of the local capture gets it "
                + "with a new generation (capture --generation).");
    }

    public static IEnumerable<Finding> Waiting(SourceState source)
    {
        if (CarriesSlots(source) && source.Standbys.Slots.Except(source.Standbys.WaitedFor).ToList() is { Count: > 0 } missing)
            yield return Finding.ToChoose(
                FindingSeverity.Warns,
                $"synchronized_standby_slots does not name {Named.Of(missing)}: a task may get changes before the standby has them, and "
                + "after a failover analytics has what the source has lost, and every row has to be loaded again.",
                "While a standby that is named is away, no change is sent; so name those alone to which the source may fail over.",
                $"ALTER SYSTEM SET synchronized_standby_slots = {Sql.Literal(string.Join(", ", source.Standbys.Slots))}",
                "SELECT pg_reload_conf()");
    }

    public static IEnumerable<Finding> Feedback(SourceState source)
    {
        if (MayFailOver(source) && source.Standbys.WithoutFeedback.Count > 0)
            yield return Finding.WithoutSql(
                FindingSeverity.Warns,
                $"The standby that reads the slot {Named.Of(source.Standbys.WithoutFeedback)} does not say which rows it reads "
                + "(hot_standby_feedback = off): it gets no logical slots, and ends reads for what it replays.",
                "Run there: ALTER SYSTEM SET hot_standby_feedback = on; SELECT pg_reload_conf().");
    }

    /// <summary>The statement that makes a slot for a task, which a standby gets where that is possible.</summary>
    public static string MakeSlot(SourceState source, string slot) =>
        $"SELECT * FROM pg_create_logical_replication_slot({Sql.Literal(slot)}, 'test_decoding'"
        + $"{(CarriesSlots(source) ? ", failover => true" : "")})";

    private static bool MayFailOver(SourceState source) => source.Server is { IsReplica: false, IsRds: false }
        && source.Standbys.Slots.Count > 0;
}
