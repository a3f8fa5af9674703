using Amazon.CDK.AWS.CloudWatch;
using CdcDms.Contract;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Notices;

namespace CdcDms.Infra.Monitoring;

/// <summary>
/// What is watched of the states that health checks find: an alarm rings as long as the state lasts, and its message names the tables.
/// </summary>
internal static class HealthAlarms
{
    private const double Gigabyte = 1024 * 1024 * 1024;

    // One check may be lost, and one be late.
    private const int MissedChecks = 3;

    public static IEnumerable<AlarmDefinition> Of(DeploymentEnvironment environment, BatchMetrics metrics) =>
    [
        new()
        {
            Name = "health-missing",
            Severity = Severity.Critical,
            Meaning = "No health check could look at everything: nobody knows the states that other alarms ring for.",
            Metric = metrics.HealthChecked,
            Threshold = 1,
            Comparison = ComparisonOperator.LESS_THAN_THRESHOLD,
            Periods = MissedChecks,
            Silence = TreatMissingData.BREACHING,
            QuietWhileDeployed = true,
            QuietAtFirst = true,
        },
        new()
        {
            Name = "replication-not-running",
            Severity = Severity.Critical,
            Meaning = "The replication stands still, or does not exist: no change comes, and the source keeps its WAL.",
            Metric = metrics.ReplicationRuns,
            Threshold = 1,
            Comparison = ComparisonOperator.LESS_THAN_THRESHOLD,
            Periods = 2,
            Silence = TreatMissingData.IGNORE,
            QuietWhileDeployed = true,
        },
        // Of a source that could not be looked at, health-missing tells.
        new()
        {
            Name = "slot-lag",
            Severity = Severity.Critical,
            Meaning = "The source keeps much WAL for a replication slot; its disk fills until the slot moves or is dropped.",
            Metric = metrics.SlotRetained,
            Threshold = environment.Alarms.SlotLagGigabytes * Gigabyte,
            Periods = 1,
            Silence = TreatMissingData.IGNORE,
        },
        AlarmDefinition.AtTheFirst(
            "slot-lost",
            Severity.Critical,
            "The source has removed, or is about to remove, WAL that a replication slot needs: the slot cannot go on.",
            metrics.SlotsLost) with { Silence = TreatMissingData.IGNORE },
        AlarmDefinition.AtTheFirst(
            "tables-not-replicating",
            Severity.Critical,
            "DMS replicates a table no more, and no change of it comes until it is loaded again.",
            metrics.OfTables(MetricNames.TablesNotReplicating)),
        AlarmDefinition.AtTheFirst(
            "parked-table",
            Severity.Critical,
            "A table is parked: nothing is merged into it until somebody resumes it.",
            metrics.OfTables(MetricNames.TablesParked)),
        new()
        {
            Name = "waiting-files",
            Severity = Severity.Critical,
            Meaning = "Change files of a table wait in the lake for longer than they should.",
            Metric = metrics.OfTables(MetricNames.OldestWaitingFileSeconds),
            Threshold = environment.Alarms.AnalyticsAgeMinutes * 60,
            Periods = 1,
            Silence = TreatMissingData.NOT_BREACHING,
        },
        AlarmDefinition.AtTheFirst(
            "quarantined-rows",
            Severity.Warning,
            "The analytics database refused changes, which wait in the quarantine.",
            metrics.OfTables(MetricNames.ChangesInQuarantine)),
        AlarmDefinition.AtTheFirst(
            "rejected-files",
            Severity.Warning,
            "Files of the lake cannot be read, and nothing of them was applied.",
            metrics.OfTables(MetricNames.FilesUnreadable)),
        .. Proofs(environment, metrics),
    ];

    // Of a ledger that could not be looked at, health-missing tells.
    private static IEnumerable<AlarmDefinition> Proofs(DeploymentEnvironment environment, BatchMetrics metrics)
    {
        if (environment.Validation.Full is { } full)
            yield return new()
            {
                Name = "proof-old",
                Severity = Severity.Warning,
                Meaning = "No full proof has found a table right, or repaired it, for more than two intervals.",
                Metric = metrics.OldestProof,
                Threshold = full.MostAge(environment.Batch.Schedule).TotalSeconds,
                Periods = 1,
                Silence = TreatMissingData.IGNORE,
            };
    }
}
