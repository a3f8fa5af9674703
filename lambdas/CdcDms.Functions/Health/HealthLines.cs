using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Functions.Lifecycle;
using CdcDms.Functions.Metrics;
using CdcDms.LambdaRuntime;
using CdcDms.Pipeline.Health;

namespace CdcDms.Functions.Health;

/// <summary>
/// What health checks have found, as lines for the log: the states of all tables as one, and each table that somebody has to look at as one
/// of its own. A healthy table has no series of its own, which would cost.
/// </summary>
internal static class HealthLines
{
    /// <summary>The replication: a line for all of it, and one for each table; one that does not replicate has metrics, too.</summary>
    public static IEnumerable<string> Of(ReplicationHealth health, IReadOnlyList<DmsTable> tables, Invocation invocation)
    {
        yield return MetricLine.Write(
            "replication", table: null, invocation,
            [
                new(MetricNames.ReplicationRuns, MetricLine.Count, health.Runs ? 1 : 0),
                new(MetricNames.TablesNotReplicating, MetricLine.Count, health.TablesNotReplicating),
                new(MetricNames.TablesLoading, MetricLine.Count, health.Loading),
            ],
            ("Status", health.Status), ("Tables", health.Tables));
        foreach (var table in health.NotReplicating)
            yield return MetricLine.Write(
                "not replicating", table.Table, invocation,
                [new(MetricNames.TablesNotReplicating, MetricLine.Count, 1, MetricScope.Table)],
                ("State", table.State));
        foreach (var table in tables)
            yield return MetricLine.Write(
                "replicated", table.Name().ToString(), invocation, [],
                ("State", table.TableState),
                ("LoadedRows", table.FullLoadRows),
                ("Inserts", table.Inserts),
                ("Updates", table.Updates),
                ("Deletes", table.Deletes),
                ("Ddls", table.Ddls));
    }

    /// <summary>Everything else: a line with the states of all tables, one for each table with something wrong, one a finding.</summary>
    public static IEnumerable<string> Of(HealthReport report, Invocation invocation)
    {
        var looked = report.Findings.All(finding => finding.Runbook != HealthJob.NotLookedAt);
        List<Metric> metrics = [new(MetricNames.HealthChecked, MetricLine.Count, looked ? 1 : 0)];
        if (report.Counts is { } counts)
        {
            metrics.Add(new(MetricNames.TablesParked, MetricLine.Count, counts.TablesParked));
            metrics.Add(new(MetricNames.TablesUnproven, MetricLine.Count, counts.TablesUnproven));
            metrics.Add(new(MetricNames.ChangesInQuarantine, MetricLine.Count, counts.ChangesInQuarantine));
            metrics.Add(new(MetricNames.FilesUnreadable, MetricLine.Count, counts.FilesUnreadable));
            if (counts.OldestWaitingFileSeconds is { } oldest)
                metrics.Add(new(MetricNames.OldestWaitingFileSeconds, MetricLine.Seconds, oldest));
            if (counts.OldestProofSeconds is { } proof)
                metrics.Add(new(MetricNames.OldestProofSeconds, MetricLine.Seconds, proof));
        }

        // No alarm needs to hear that there are none, and a lake without a stream never has any.
        if (report.Rejects is { } rejects)
            metrics.Add(new(StreamMetricNames.RejectsWaiting, MetricLine.Count, rejects.Objects));

        // Zero where there is no slot: an alarm that rang for one that was dropped hears so.
        if (report.Source is { Slots: var slots })
        {
            metrics.Add(new(MetricNames.SlotRetainedBytes, MetricLine.Bytes, slots.Max(slot => slot.RetainedBytes) ?? 0));
            metrics.Add(new(MetricNames.SlotsLost, MetricLine.Count, slots.Count(slot => slot.IsLost)));
        }

        yield return MetricLine.Write("health", table: null, invocation, metrics, ("Findings", report.Findings.Count));

        foreach (var table in report.Tables)
            if (OfTable(table).ToList() is { Count: > 0 } series)
                yield return MetricLine.Write("table health", table.Table, invocation, series, ("State", table.State));
        foreach (var finding in report.Findings)
            yield return MetricLine.Write(
                "finding", finding.Table, invocation, [],
                ("Severity", finding.Severity.ToString()), ("Runbook", finding.Runbook), ("Reason", finding.Reason));
    }

    private static IEnumerable<Metric> OfTable(TableHealth table)
    {
        if (table.State == TableHealth.Parked)
            yield return new(MetricNames.TablesParked, MetricLine.Count, 1, MetricScope.Table);
        if (table.Quarantined > 0)
            yield return new(MetricNames.ChangesInQuarantine, MetricLine.Count, table.Quarantined, MetricScope.Table);
        if (table.FilesUnreadable > 0)
            yield return new(MetricNames.FilesUnreadable, MetricLine.Count, table.FilesUnreadable, MetricScope.Table);
        if (table.WaitsTooLong)
            yield return new(
                MetricNames.OldestWaitingFileSeconds, MetricLine.Seconds, table.OldestWaitingFileSeconds ?? 0, MetricScope.Table);
    }
}
