using Amazon.CDK.AWS.CloudWatch;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Notices;

namespace CdcDms.Infra.Monitoring;

/// <summary>What is watched about the replication, and from which values on.</summary>
internal static class ReplicationAlarms
{
    private const double Megabyte = 1024 * 1024;
    private const double Gigabyte = 1024 * Megabyte;

    public static IEnumerable<AlarmDefinition> Of(DeploymentEnvironment environment, ReplicationMetrics metrics)
    {
        var alarms = environment.Alarms;
        return
        [
            .. Stream(alarms, metrics),
            .. environment.Replication.Compute is InstanceCompute ? Machine(alarms, metrics) : [Capacity(alarms, metrics)],
        ];
    }

    // The latency metrics end when the task does, so their silence is the alarm (docs/dms-contract.md#monitoring).
    private static IEnumerable<AlarmDefinition> Stream(AlarmSettings alarms, ReplicationMetrics metrics) =>
    [
        AlarmDefinition.AtTheFirst(
            "replication-stopped",
            Severity.Critical,
            "The replication has stopped, and no deployment of the last hour has stopped it.",
            metrics.Stopped) with { QuietWhilePlanned = true },
        AlarmDefinition.AtTheFirst(
            "replication-errors",
            Severity.Warning,
            "DMS has written lines of errors into its log.",
            metrics.Errors) with { QuietWhileDeployed = true },
        new()
        {
            Name = "source-latency",
            Severity = Severity.Critical,
            Meaning = "DMS reads changes late, or not at all.",
            Metric = metrics.SourceLatency,
            Threshold = alarms.SourceLatencySeconds,
            Silence = TreatMissingData.BREACHING,
            QuietWhilePlanned = true,
        },
        new()
        {
            Name = "target-latency",
            Severity = Severity.Critical,
            Meaning = "DMS writes changes to the lake late, or not at all.",
            Metric = metrics.TargetLatency,
            Threshold = alarms.TargetLatencySeconds,
            Silence = TreatMissingData.BREACHING,
            QuietWhilePlanned = true,
        },
        new()
        {
            Name = "changes-on-disk-source",
            Severity = Severity.Warning,
            Meaning = "Changes that DMS has read pile up on its disk: transactions are long or large.",
            Metric = metrics.SourceChangesOnDisk,
            Threshold = alarms.ChangesOnDisk,
        },
        new()
        {
            Name = "changes-on-disk-target",
            Severity = Severity.Warning,
            Meaning = "Changes that DMS should write pile up on its disk: writing is slower than reading.",
            Metric = metrics.TargetChangesOnDisk,
            Threshold = alarms.ChangesOnDisk,
        },
    ];

    private static AlarmDefinition Capacity(AlarmSettings alarms, ReplicationMetrics metrics) => new()
    {
        Name = "capacity",
        Severity = Severity.Warning,
        Meaning = "The serverless replication uses nearly all of its capacity units all the time.",
        Metric = metrics.Capacity,
        Threshold = alarms.CpuPercent,
        Periods = 6,
    };

    private static IEnumerable<AlarmDefinition> Machine(AlarmSettings alarms, ReplicationMetrics metrics) =>
    [
        new()
        {
            Name = "storage",
            Severity = Severity.Critical,
            Meaning = "The replication instance's disk is almost full; the task stops when it is.",
            Metric = metrics.FreeStorage,
            Threshold = alarms.FreeStorageGigabytes * Gigabyte,
            Comparison = ComparisonOperator.LESS_THAN_THRESHOLD,
        },
        new()
        {
            Name = "memory",
            Severity = Severity.Critical,
            Meaning = "The replication instance has hardly any memory left; the task fails when there is none.",
            Metric = metrics.FreeMemory,
            Threshold = alarms.FreeMemoryMegabytes * Megabyte,
            Comparison = ComparisonOperator.LESS_THAN_THRESHOLD,
        },
        new()
        {
            Name = "swap",
            Severity = Severity.Warning,
            Meaning = "The replication instance swaps; DMS pauses reading when it swaps too much.",
            Metric = metrics.Swap,
            Threshold = alarms.SwapMegabytes * Megabyte,
        },
        new()
        {
            Name = "cpu",
            Severity = Severity.Warning,
            Meaning = "The replication instance's processor is busy all the time.",
            Metric = metrics.Cpu,
            Threshold = alarms.CpuPercent,
            Periods = 6,
        },
    ];
}
