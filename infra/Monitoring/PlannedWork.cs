using Amazon.CDK;
using Amazon.CDK.AWS.CloudWatch;
using CdcDms.Contract;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Naming;
using Constructs;

namespace CdcDms.Infra.Monitoring;

/// <summary>
/// Whether the replication stands still, or tells no latency, on purpose: a deployment or a restart has given a sign within the hour, or
/// DMS has loaded rows within half an hour. It suppresses what other alarms would tell (Amazon CloudWatch user guide, "Alarm suppression"),
/// and ends by itself: a deployment that fails silences nothing for longer, and a load that has stopped neither.
/// </summary>
internal sealed class PlannedWork : Construct
{
    // CloudFormation changes instances between two signs, which takes a quarter of an hour and more.
    private const int MinutesAfterSign = 60;

    private const int FiveMinutesAfterLoad = 6;

    private readonly DeploymentEnvironment _environment;

    public PlannedWork(Construct scope, string id, DeploymentEnvironment environment, ReplicationMetrics replication)
        : base(scope, id)
    {
        _environment = environment;
        Deployment = Recently(
            "deployment",
            "Not a fault: a deployment or a restart has stopped or started the replication within the hour.",
            Sign(environment, MetricNames.Deploying, Duration.Minutes(1)),
            MinutesAfterSign);
        Load = Recently(
            "load", "Not a fault: DMS has loaded rows within half an hour.", replication.LoadThroughput, FiveMinutesAfterLoad);
        UnderWay = new CompositeAlarm(this, "UnderWay", new CompositeAlarmProps
        {
            CompositeAlarmName = MonitoringNames.Quiet(environment, "planned-work"),
            AlarmDescription = "Not a fault: a deployment, a restart or a load is under way, so some alarms tell nobody.",
            AlarmRule = AlarmRule.AnyOf(
                AlarmRule.FromAlarm(Deployment, AlarmState.ALARM), AlarmRule.FromAlarm(Load, AlarmState.ALARM)),
        });
    }

    /// <summary>Rings while a deployment is under way, and tells nobody.</summary>
    public Alarm Deployment { get; }

    /// <summary>Rings while a load is under way, and tells nobody.</summary>
    public Alarm Load { get; }

    /// <summary>Rings while planned work is under way, and tells nobody.</summary>
    public CompositeAlarm UnderWay { get; }

    /// <summary>A sign that the function of deployments gives.</summary>
    public static Metric Sign(DeploymentEnvironment environment, string name, Duration period) => new(new MetricProps
    {
        Namespace = MetricNames.Namespace,
        MetricName = name,
        DimensionsMap = new Dictionary<string, string> { [MetricNames.EnvironmentDimension] = environment.Name },
        Statistic = Stats.MAXIMUM,
        Period = period,
    });

    private Alarm Recently(string name, string description, IMetric metric, int periods) => new(this, name, new AlarmProps
    {
        AlarmName = MonitoringNames.Quiet(_environment, name),
        AlarmDescription = description,
        Metric = metric,
        Threshold = 0,
        ComparisonOperator = ComparisonOperator.GREATER_THAN_THRESHOLD,
        EvaluationPeriods = periods,
        DatapointsToAlarm = 1,
        TreatMissingData = TreatMissingData.NOT_BREACHING,
    });
}
