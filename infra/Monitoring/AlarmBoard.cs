using Amazon.CDK;
using Amazon.CDK.AWS.CloudWatch;
using Amazon.CDK.AWS.CloudWatch.Actions;
using CdcDms.Infra.Stacks;

namespace CdcDms.Infra.Monitoring;

/// <summary>Makes alarms of definitions.</summary>
internal static class AlarmBoard
{
    public static IReadOnlyList<Alarm> Create(OperationsStack stack, AlarmTopic topic, IEnumerable<AlarmDefinition> definitions) =>
        [.. definitions.Select(definition => Create(stack, topic, definition))];

    private static Alarm Create(OperationsStack stack, AlarmTopic topic, AlarmDefinition definition)
    {
        var severity = definition.Severity.ToString().ToLowerInvariant();
        var alarm = new Alarm(stack, definition.Name, new AlarmProps
        {
            AlarmName = $"cdcdms-{stack.Settings.Name}-{definition.Name}-{severity}",
            AlarmDescription = $"[{severity}] {definition.Meaning} Runbook: docs/runbook.md#{definition.Name}",
            Metric = definition.Metric,
            Threshold = definition.Threshold,
            ComparisonOperator = definition.Comparison,
            EvaluationPeriods = definition.Periods,
            TreatMissingData = definition.Silence,
        });
        alarm.AddAlarmAction(new SnsAction(topic.Topic));
        alarm.AddOkAction(new SnsAction(topic.Topic));
        Tags.Of(alarm).Add("Severity", severity);
        return alarm;
    }
}
