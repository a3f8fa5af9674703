using Amazon.CDK;
using Amazon.CDK.AWS.CloudWatch;
using CdcDms.Contract;
using CdcDms.Infra.Notices;

namespace CdcDms.Infra.Monitoring;

/// <summary>Alarms about the machinery that itself raises alarms and repairs.</summary>
internal static class DeliveryAlarms
{
    /// <summary>The definitions.</summary>
    /// <param name="resumeAfterRollback">The state machine that sees to the replication after a rollback.</param>
    /// <param name="restart">The state machine that stops and resumes the replication.</param>
    /// <param name="reload">The state machine that has DMS load tables again.</param>
    /// <param name="topics">Where events about the replication go.</param>
    /// <param name="rollbackQueue">Name of the queue of ends of rollbacks that started nothing.</param>
    /// <param name="environment">The environment's name.</param>
    public static IEnumerable<AlarmDefinition> Of(
        StateMachineMetrics resumeAfterRollback,
        StateMachineMetrics restart,
        StateMachineMetrics reload,
        AlarmTopics topics,
        string rollbackQueue,
        string environment) =>
    [
        AlarmDefinition.AtTheFirst(
            "resume-after-rollback",
            Severity.Critical,
            "A deploy was rolled back and the replication does not run again.",
            resumeAfterRollback.Ended("Executions without success", UnhappyEnd.Failed, UnhappyEnd.Late, UnhappyEnd.Aborted)),
        // What the restart stopped, other alarms take for planned for an hour. One that is refused fails as well.
        AlarmDefinition.AtTheFirst(
            "restart-failed",
            Severity.Warning,
            "A restart of the replication failed or was refused: look whether the replication runs.",
            restart.Ended("Restarts without success", UnhappyEnd.Failed, UnhappyEnd.Late, UnhappyEnd.Aborted)),
        AlarmDefinition.AtTheFirst(
            "reload-failed",
            Severity.Warning,
            "A table was not loaded again, or not merged and read for proofs afterwards.",
            reload.Ended("Reloads without success", UnhappyEnd.Failed, UnhappyEnd.Late)),
        AlarmDefinition.AtTheFirst(
            "undelivered-events",
            Severity.Warning,
            "An event or a message did not reach a topic, or the end of a rollback started nothing.",
            new MathExpression(new MathExpressionProps
            {
                // A queue that nobody uses has no metric, and messages are counted only when they are lost.
                Expression = "FILL(events, 0) + FILL(rollbacks, 0) + FILL(messages, 0)",
                Label = "Events and messages that were not delivered",
                Period = Duration.Minutes(5),
                UsingMetrics = new Dictionary<string, IMetric>
                {
                    ["events"] = topics.Undelivered.MetricApproximateNumberOfMessagesVisible(),
                    ["rollbacks"] = Waiting(rollbackQueue),
                    ["messages"] = new Metric(new MetricProps
                    {
                        Namespace = MetricNames.Namespace,
                        MetricName = MetricNames.MessagesUntold,
                        DimensionsMap = new Dictionary<string, string> { [MetricNames.EnvironmentDimension] = environment },
                        Statistic = Stats.SUM,
                        Period = Duration.Minutes(5),
                    }),
                },
            })),
    ];

    private static Metric Waiting(string queue) => new(new MetricProps
    {
        Namespace = "AWS/SQS",
        MetricName = "ApproximateNumberOfMessagesVisible",
        DimensionsMap = new Dictionary<string, string> { ["QueueName"] = queue },
        Statistic = Stats.MAXIMUM,
        Period = Duration.Minutes(5),
    });
}
