using Amazon.CDK;
using Amazon.CDK.AWS.CloudWatch;
using Amazon.CDK.AWS.CloudWatch.Actions;
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

    public required IEnumerable<AlarmDefinition> Definitions { get; init; }
}

/// <summary>An alarm for each definition.</summary>
internal sealed class AlarmBoard : Construct
{
    public AlarmBoard(Construct scope, string id, AlarmBoardProps props)
        : base(scope, id) =>
        Alarms = [.. props.Definitions.Select(definition => Add(definition, props))];

    public IReadOnlyList<Alarm> Alarms { get; }

    private Alarm Add(AlarmDefinition definition, AlarmBoardProps props)
    {
        var severity = definition.Severity.Word();
        var alarm = new Alarm(this, definition.Name, new AlarmProps
        {
            AlarmName = MonitoringNames.Alarm(props.Environment, definition.Name, severity),
            AlarmDescription = $"[{severity}] {definition.Meaning} Runbook: docs/runbook.md#{definition.Name}",
            Metric = definition.Metric,
            Threshold = definition.Threshold,
            ComparisonOperator = definition.Comparison,
            EvaluationPeriods = definition.Periods,
            TreatMissingData = definition.Silence,
        });
        IAlarmAction[] told = [.. props.Topics.Of(definition.Severity).Select(topic => new SnsAction(topic))];
        alarm.AddAlarmAction(told);
        alarm.AddOkAction(told);
        Tags.Of(alarm).Add("Severity", severity);
        return alarm;
    }
}
