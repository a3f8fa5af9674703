using System.Globalization;
using CdcDms.Contract.Functions;
using CdcDms.Pipeline.Ledger;

namespace CdcDms.Pipeline.Health;

/// <summary>What is wrong, as facts tell. Each finding names the section of docs/runbook.md that says what to do.</summary>
internal static class HealthRules
{
    private const double Gigabyte = 1024.0 * 1024 * 1024;

    // Time to plan an upgrade, or new certificates.
    private static readonly TimeSpan EndAhead = TimeSpan.FromDays(90);

    public static IEnumerable<HealthFinding> Of(HealthFacts facts) =>
    [
        .. facts.Replication is { } replication ? Replication(replication, facts) : [],
        .. facts.Source is { } source ? Source(source, facts) : [],
        .. facts.Analytics is { } analytics ? Analytics(analytics, facts) : [],
        .. facts.Rejects is { } rejects ? [Critical(
            "stream-rejects",
            $"{Count(rejects.Objects, "object")} of messages that could not be understood {(rejects.Objects == 1 ? "waits" : "wait")} "
            + "beside the lake: their changes are in no table.")] : Array.Empty<HealthFinding>(),
        .. facts.Certificates.Where(one => one.EndsUtc - facts.NowUtc < EndAhead).Select(one => Warning(
            "certificate-ends",
            $"The last certificate by which the {one.Database} database is trusted {Ends(one.EndsUtc, facts.NowUtc)}.")),
        .. facts.Secrets.Where(one => one.RotationDueUtc < facts.NowUtc).Select(one => Warning(
            "rotation-overdue",
            $"The secret of the {one.Database} database was to be rotated by {Day(one.RotationDueUtc!.Value)}, and was last changed on "
            + $"{Day(one.ChangedUtc)}.")),
    ];

    private static IEnumerable<HealthFinding> Replication(ReplicationHealth replication, HealthFacts facts)
    {
        if (!replication.Runs)
            yield return Critical(
                "replication-stopped",
                $"The {replication.Name} is '{replication.Status}', and no change comes."
                + (replication.Cause is { Length: > 0 } cause ? $" DMS says: {cause.TrimEnd('.')}." : ""));
        foreach (var table in replication.NotReplicating)
            yield return Critical(
                "tables-not-replicating", $"DMS does not replicate {table.Table}: its state is '{table.State}'.", table.Table);
        if (replication.TablesNotReplicating > replication.NotReplicating.Count)
            yield return Critical(
                "tables-not-replicating",
                $"DMS does not replicate {replication.TablesNotReplicating - replication.NotReplicating.Count} tables more.");
        if (replication.EngineEndUtc is { } end && end - facts.NowUtc < EndAhead)
            yield return Warning(
                "engine-end-of-life",
                $"AWS upgrades or withdraws the replication instance's engine {replication.EngineVersion} on {Day(end)}.");
    }

    private static IEnumerable<HealthFinding> Source(SourceHealth source, HealthFacts facts)
    {
        foreach (var slot in source.Slots)
        {
            var retained = (slot.RetainedBytes ?? 0) / Gigabyte;
            if (slot.IsLost)
                yield return Critical(
                    "slot-lost", $"The source has removed, or is about to remove, WAL that the replication slot {slot.Name} needs.");
            else if (retained > facts.Limits.SlotLagGigabytes)
                yield return Critical("slot-lag", string.Create(
                    CultureInfo.InvariantCulture,
                    $"The source keeps {retained:0.0} GB of WAL for the replication slot {slot.Name}, which "
                    + $"{(slot.IsActive ? "is read too slowly" : "nobody reads")}."));
        }

        if (source.NewestMarkerSeconds is null)
            yield return Warning(
                "marker-not-written",
                "No marker can be read at the source: the table cdcdms.marker is missing or empty, or the role may not read it.");
        else if (source.NewestMarkerSeconds is { } age && age > facts.Limits.MarkerSeconds)
            yield return Critical("marker-not-written", $"The newest marker at the source was written {Ago(age)}.");
        if (Version.TryParse(source.Version, out var version) && Old("source", version, facts) is { } old)
            yield return old;
    }

    private static IEnumerable<HealthFinding> Analytics(AnalyticsFacts analytics, HealthFacts facts)
    {
        if (analytics.OlderLedger is { } older)
            yield return Warning("ledger-older", older);
        foreach (var table in analytics.Tables)
        {
            if (table.Status is { } status)
                foreach (var finding in Ledger(table.Name, status, facts.Limits))
                    yield return finding;
            if (table.RowsDiffer > 0)
                yield return Critical(
                    "rows-differ",
                    $"{Count(table.RowsDiffer, "row")} of {table.Name} differed from the source when proofs looked, and "
                    + $"{(table.RowsDiffer == 1 ? "was" : "were")} not repaired.",
                    table.Name);
            if (table.WaitsTooLong(facts))
                yield return Critical(
                    "waiting-files",
                    $"{Count(table.Waiting!.Count, "file")} of {table.Name} wait in the lake, the oldest for "
                    + $"{Time(table.OldestSeconds(facts.NowUtc) ?? 0)}.",
                    table.Name);
            if (facts.Limits.Proof is { } limit && table.ProofSeconds(facts) is { } age && age > 60.0 * limit.Minutes)
                yield return Warning(
                    "proof-old",
                    $"No full proof has found {table.Name} right, or repaired it, for {Time(age)}: look why, and compare it now with "
                    + "validate.",
                    table.Name);
        }

        if (Old("analytics", analytics.Version, facts) is { } old)
            yield return old;
    }

    // Why a table is parked is in the ledger, and may quote what somebody has to see before it is mailed.
    private static IEnumerable<HealthFinding> Ledger(string table, TableStatus status, HealthLimits limits)
    {
        if (status.State is TableState.Parked)
            yield return Critical("parked-table", $"{table} is parked: nothing is merged into {status.Target}.", table);
        else if (status.FreshnessSeconds is { } age && age > limits.FreshnessMinutes * 60)
            yield return Critical("freshness", $"It is not known that {table} has the changes of the last {Time(age)}.", table);
        if (status.RejectedFiles.Count > 0)
            yield return Warning("rejected-files", $"{Count(status.RejectedFiles.Count, "file")} of {table} cannot be read.", table);
        if (status.Quarantined > 0)
            yield return Warning(
                "quarantined-rows", $"{Count(status.Quarantined, "change")} of {table} {(status.Quarantined == 1 ? "was" : "were")} put "
                + $"aside, since the analytics database refused {(status.Quarantined == 1 ? "it" : "them")}.", table);
        if (status.Unproven is [var oldest, ..])
            yield return Warning(
                "unproven", $"Nobody knows since {Day(oldest.SinceUtc)} whether {table} has exactly the rows of its source.", table);
    }

    private static HealthFinding? Old(string database, Version version, HealthFacts facts) =>
        EndOfLife.Of(version) is { } end && end - facts.NowUtc < EndAhead
            ? Warning(
                "engine-end-of-life",
                $"PostgreSQL {version.Major}, which the {database} database has, {Ends(end, facts.NowUtc)}: nobody corrects it any more.")
            : null;

    private static HealthFinding Critical(string section, string reason, string? table = null) =>
        new(HealthSeverity.Critical, section, reason, table);

    private static HealthFinding Warning(string section, string reason, string? table = null) =>
        new(HealthSeverity.Warning, section, reason, table);

    private static string Count(long count, string of) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {of}{(count == 1 ? "" : "s")}");

    private static string Ends(DateTime utc, DateTime nowUtc) => $"{(utc < nowUtc ? "ended" : "ends")} on {Day(utc)}";

    private static string Ago(double seconds) => $"{Time(seconds)} ago";

    private static string Time(double seconds) => seconds switch
    {
        < 7200 => Count((long)seconds / 60, "minute"),
        < 172_800 => Count((long)seconds / 3600, "hour"),
        _ => Count((long)seconds / 86_400, "day"),
    };

    private static string Day(DateTime utc) => utc.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
