using Amazon.CDK.AWS.Events;
using Amazon.CDK.AWS.Events.Targets;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Stacks;

namespace CdcDms.Infra.Monitoring;

/// <summary>DMS has no metric for a task that failed or stopped; it says so by an event (docs/dms-contract.md#events).</summary>
internal static class ReplicationEvents
{
    // Running out of memory fires FAILED and not STOPPED, so both are matched.
    private static readonly string[] BadNews = ["REPLICATION_TASK_FAILED", "REPLICATION_TASK_STOPPED", "READING_PAUSED_SWAP_FILES_LIMIT_REACHED"];

    public static void Watch(OperationsStack stack, AlarmTopic alarms)
    {
        var identifier = new ReplicationNames(stack.Settings).Replication;
        var serverless = stack.Settings.Replication.Compute is ServerlessCompute;
        var arn = $"arn:{stack.Partition}:dms:{stack.Region}:{stack.Account}:{(serverless ? "replication-config" : "task")}:{identifier}";
        _ = new Rule(stack, "ReplicationStopped", new RuleProps
        {
            Description = "The replication failed or stopped",
            EventPattern = new EventPattern
            {
                Source = ["aws.dms"],
                DetailType = [serverless ? "DMS Replication State Change" : "DMS Replication Task State Change"],
                Resources = [arn],

                // The event types of a serverless replication are not documented: every change of its state is reported.
                Detail = serverless
                    ? new Dictionary<string, object> { ["category"] = new[] { "Failure", "StateChange" } }
                    : new Dictionary<string, object> { ["eventType"] = BadNews },
            },
            Targets =
            [
                new SnsTopic(alarms.Topic, new SnsTopicProps
                {
                    DeadLetterQueue = alarms.Undelivered,
                    Message = RuleTargetInput.FromText(
                        $"[critical] {identifier}: {EventField.FromPath("$.detail.eventType")}: {EventField.FromPath("$.detail.detailMessage")} "
                        + "A deploy stops the replication for some minutes. Runbook: docs/runbook.md#replication-stopped"),
                }),
            ],
        });
    }
}
