using Amazon.CDK;
using Amazon.CDK.AWS.CloudWatch;
using CdcDms.Infra.Lifecycle;
using CdcDms.Infra.Stacks;

namespace CdcDms.Infra.Monitoring;

/// <summary>Alarms about the machinery that itself raises alarms and repairs.</summary>
internal static class DeliveryAlarms
{
    public static IEnumerable<AlarmDefinition> Of(OperationsStack stack, AlarmTopic topic) =>
    [
        new()
        {
            Name = "resume-after-rollback",
            Severity = Severity.Critical,
            Meaning = "A deploy was rolled back and the replication does not run again.",
            Metric = NotSucceeded($"arn:{stack.Partition}:states:{stack.Region}:{stack.Account}:stateMachine:{RollbackRecovery.Name(stack.Settings)}"),
            Threshold = 0,
            Periods = 1,
            Silence = TreatMissingData.NOT_BREACHING,
        },
        new()
        {
            Name = "undelivered-events",
            Severity = Severity.Warning,
            Meaning = "An event about the replication did not reach the alarm topic.",
            Metric = topic.Undelivered.MetricApproximateNumberOfMessagesVisible(),
            Threshold = 0,
            Periods = 1,
            Silence = TreatMissingData.NOT_BREACHING,
        },
    ];

    private static MathExpression NotSucceeded(string stateMachineArn)
    {
        Metric Count(string name) => new(new MetricProps
        {
            Namespace = "AWS/States",
            MetricName = name,
            DimensionsMap = new Dictionary<string, string> { ["StateMachineArn"] = stateMachineArn },
            Statistic = Stats.SUM,
        });
        return new MathExpression(new MathExpressionProps
        {
            Expression = "failed + late",
            Label = "Executions without success",
            Period = Duration.Minutes(5),
            UsingMetrics = new Dictionary<string, IMetric> { ["failed"] = Count("ExecutionsFailed"), ["late"] = Count("ExecutionsTimedOut") },
        });
    }
}
