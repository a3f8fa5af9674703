using Amazon.CDK;
using Amazon.CDK.AWS.CloudWatch;
using Amazon.CDK.AWS.CloudWatch.Actions;
using CdcDms.Contract;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Notices;
using Constructs;

namespace CdcDms.Infra.Monitoring;

/// <summary>What a board of alarms needs.</summary>
internal sealed record AlarmBoardProps
{
    public required DeploymentEnvironment Environment { get; init; }

    /// <summary>Where an alarm tells people that it rings, and that it has stopped.</summary>
    public required NoticeTopics Topics { get; init; }

    /// <summary>Rings while some alarms are to tell nobody.</summary>
    public required PlannedWork PlannedWork { get; init; }

    public required IEnumerable<AlarmDefinition> Definitions { get; init; }
}

/// <summary>
/// An alarm for each definition. One that is quiet at times is two: what is measured rings at any time and tells nobody, and a composite
/// alarm of the definition's name tells people.
/// </summary>
internal sealed class AlarmBoard : Construct
{
    // A sign of planned work is a metric within a few minutes; what is as it should be again is, too.
    private static readonly Duration Grace = Duration.Minutes(5);

    // An alarm looks back seven days at most (AWS: CloudWatch alarms, evaluation range).
    private const double MostHours = 7 * 24;

    private readonly AlarmBoardProps _props;

    public AlarmBoard(Construct scope, string id, AlarmBoardProps props)
        : base(scope, id)
    {
        _props = props;
        Alarms = [.. props.Definitions.Select(Add)];
    }

    /// <summary>The alarms that tell people.</summary>
    public IReadOnlyList<AlarmBase> Alarms { get; }

    private AlarmBase Add(AlarmDefinition definition)
    {
        var severity = definition.Severity.Word();
        var name = MonitoringNames.Alarm(_props.Environment, definition.Name, severity);
        var description = $"[{severity}] {definition.Meaning} "
            + new MessageLinks(_props.Environment).DashboardAndRunbook(definition.Name);
        var isQuietAtTimes = definition.QuietWhilePlanned || definition.QuietWhileDeployed || definition.QuietAtFirst;
        var measured = new Alarm(this, definition.Name, new AlarmProps
        {
            AlarmName = isQuietAtTimes ? MonitoringNames.Measured(name) : name,
            AlarmDescription = description,
            Metric = definition.Metric,
            Threshold = definition.Threshold,
            ComparisonOperator = definition.Comparison,
            EvaluationPeriods = definition.Periods,
            TreatMissingData = definition.Silence,
        });
        var told = isQuietAtTimes ? Quiet(definition, measured, name, description) : (AlarmBase)measured;
        IAlarmAction[] topics = [.. _props.Topics.Of(definition.Severity).Select(topic => new SnsAction(topic))];
        told.AddAlarmAction(topics);
        told.AddOkAction(topics);
        Tags.Of(told).Add("Severity", severity);
        return told;
    }

    private CompositeAlarm Quiet(AlarmDefinition definition, Alarm measured, string name, string description)
    {
        var rings = AlarmRule.FromAlarm(measured, AlarmState.ALARM);
        var suppressor = definition.QuietWhilePlanned ? _props.PlannedWork.UnderWay
            : definition.QuietWhileDeployed ? _props.PlannedWork.Deployment : (IAlarm?)null;
        return new CompositeAlarm(this, $"{definition.Name}-told", new CompositeAlarmProps
        {
            CompositeAlarmName = name,
            AlarmDescription = description,
            AlarmRule = definition.QuietAtFirst
                ? AlarmRule.AllOf(rings, AlarmRule.Not(AlarmRule.FromAlarm(Young(definition, name), AlarmState.ALARM)))
                : rings,
            ActionsSuppressor = suppressor,
            ActionsSuppressorWaitPeriod = suppressor is null ? null : Grace,
            ActionsSuppressorExtensionPeriod = suppressor is null ? null : Grace,
        });
    }

    // As far as the alarm looks back there was no replication yet whose silence would say something.
    private Alarm Young(AlarmDefinition definition, string name)
    {
        var hours = Math.Ceiling(((Metric)definition.Metric).Period.ToMinutes() * definition.Periods / 60);
        return new Alarm(this, $"{definition.Name}-young", new AlarmProps
        {
            AlarmName = MonitoringNames.Young(name),
            AlarmDescription = $"Not a fault: the replication has not run for as long as {definition.Name} looks back.",
            Metric = PlannedWork.Sign(_props.Environment, MetricNames.FirstStart, Duration.Hours(1)),
            Threshold = 0,
            ComparisonOperator = ComparisonOperator.GREATER_THAN_THRESHOLD,
            EvaluationPeriods = Math.Min(hours + 1, MostHours),
            DatapointsToAlarm = 1,
            TreatMissingData = TreatMissingData.NOT_BREACHING,
        });
    }
}
