using Amazon.CDK;
using Amazon.CDK.AWS.CloudWatch;
using CdcDms.Contract;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Naming;

namespace CdcDms.Infra.Monitoring;

/// <summary>
/// The metrics of DMS (docs/dms-contract.md#monitoring). A task's need both dimensions: the instance's identifier and the resource part of
/// the task's ARN. A serverless replication's have <c>ReplicationConfigId</c>, the account and the resource part of its ARN: that was seen
/// in a sample of AWS (aws-samples/aws-dms-monitoring-runbook) and in public reports, and is not in the guide.
/// </summary>
internal sealed class ReplicationMetrics(DeploymentEnvironment environment)
{
    private const string Dms = "AWS/DMS";
    private static readonly Duration Period = Duration.Minutes(5);
    private readonly string _identifier = new ReplicationNames(environment).Replication;

    /// <summary>Seconds between a change's commit and DMS's reading it.</summary>
    public IMetric SourceLatency => Task("CDCLatencySource");

    /// <summary>Seconds between a change's commit and DMS's writing it.</summary>
    public IMetric TargetLatency => Task("CDCLatencyTarget");

    /// <summary>Changes that wait on disk to be read on.</summary>
    public IMetric SourceChangesOnDisk => Task("CDCChangesDiskSource");

    /// <summary>Changes that wait on disk to be written.</summary>
    public IMetric TargetChangesOnDisk => Task("CDCChangesDiskTarget");

    /// <summary>Changes that wait to be written, all together.</summary>
    public IMetric IncomingChanges => Task("CDCIncomingChanges");

    /// <summary>Rows written a second.</summary>
    public IMetric Throughput => Task("CDCThroughputRowsTarget");

    /// <summary>Rows that a full load, the first or a later one, writes a second.</summary>
    public IMetric LoadThroughput => Task("FullLoadThroughputRowsTarget");

    /// <summary>
    /// Events that the replication has stopped, which EventBridge counts for the rule (Amazon EventBridge: Metrics), over a time longer
    /// than the alarm waits for a sign of a deployment.
    /// </summary>
    public IMetric Stopped => new Metric(new MetricProps
    {
        Namespace = "AWS/Events",
        MetricName = "TriggeredRules",
        DimensionsMap = new Dictionary<string, string> { ["RuleName"] = MonitoringNames.StoppedRule(environment) },
        Statistic = Stats.SUM,
        Period = Duration.Minutes(15),
    });

    /// <summary>Lines of errors in DMS's log, over a time longer than the alarm waits for a sign of a deployment.</summary>
    public IMetric Errors => new Metric(new MetricProps
    {
        Namespace = MetricNames.Namespace,
        MetricName = MonitoringNames.ReplicationErrors(environment),
        Statistic = Stats.SUM,
        Period = Duration.Minutes(15),
    });

    /// <summary>Percent of the capacity units that a serverless replication has.</summary>
    public IMetric Capacity => Task("CapacityUtilization");

    /// <summary>Percent.</summary>
    public IMetric Cpu => Instance("CPUUtilization");

    /// <summary>Bytes.</summary>
    public IMetric FreeStorage => Instance("FreeStorageSpace", Stats.MINIMUM);

    /// <summary>Bytes.</summary>
    public IMetric FreeMemory => Instance("FreeableMemory", Stats.MINIMUM);

    /// <summary>Bytes.</summary>
    public IMetric Swap => Instance("SwapUsage");

    private Metric Task(string name) => Metric(
        name,
        Stats.MAXIMUM,
        environment.Replication.Compute is ServerlessCompute
            ? new() { ["ReplicationConfigId"] = $"{environment.Account}:{_identifier}" }
            : new() { ["ReplicationInstanceIdentifier"] = _identifier, ["ReplicationTaskIdentifier"] = _identifier });

    private Metric Instance(string name, string? statistic = null) =>
        Metric(name, statistic ?? Stats.MAXIMUM, new() { ["ReplicationInstanceIdentifier"] = _identifier });

    private static Metric Metric(string name, string statistic, Dictionary<string, string> dimensions) => new(new MetricProps
    {
        Namespace = Dms,
        MetricName = name,
        DimensionsMap = dimensions,
        Statistic = statistic,
        Period = Period,
    });
}
