using Amazon.CDK.AWS.Events;
using Amazon.CDK.AWS.Events.Targets;
using Amazon.CDK.AWS.SNS;
using Amazon.CDK.AWS.SQS;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Naming;
using Constructs;

namespace CdcDms.Infra.Monitoring;

/// <summary>What the rule for the replication's events needs.</summary>
internal sealed record ReplicationEventsProps
{
    public required DeploymentEnvironment Environment { get; init; }

    /// <summary>Where the events go.</summary>
    public required AlarmTopics Topics { get; init; }
}

/// <summary>DMS has no metric for a task that failed or stopped; it says so by an event (docs/dms-contract.md#events).</summary>
internal sealed class ReplicationEvents(Construct scope, string id, ReplicationEventsProps props)
    : Rule(scope, id, Properties(scope, props.Environment, props.Topics))
{
    // Running out of memory fires FAILED and not STOPPED, so both are matched.
    private static readonly string[] BadNews =
        ["REPLICATION_TASK_FAILED", "REPLICATION_TASK_STOPPED", "READING_PAUSED_SWAP_FILES_LIMIT_REACHED"];

    private static RuleProps Properties(Construct scope, DeploymentEnvironment environment, AlarmTopics topics)
    {
        var identifier = new ReplicationNames(environment).Replication;
        return new RuleProps
        {
            Description = "The replication failed or stopped",
            EventPattern = environment.Replication.Compute is ServerlessCompute
                ? ServerlessPattern(Arns.Dms(scope, "replication-config", identifier))
                : TaskPattern(Arns.Dms(scope, "task", identifier)),
            Targets = [.. topics.Notices.Critical.Select(topic => Tell(topic, topics.Undelivered, identifier))],
        };
    }

    private static EventPattern TaskPattern(string task) => new()
    {
        Source = ["aws.dms"],
        DetailType = ["DMS Replication Task State Change"],
        Resources = [task],
        Detail = new Dictionary<string, object> { ["eventType"] = BadNews },
    };

    // The event types of a serverless replication are not documented: every change of its state is reported.
    private static EventPattern ServerlessPattern(string replicationConfig) => new()
    {
        Source = ["aws.dms"],
        DetailType = ["DMS Replication State Change"],
        Resources = [replicationConfig],
        Detail = new Dictionary<string, object> { ["category"] = new[] { "Failure", "StateChange" } },
    };

    private static SnsTopic Tell(ITopic topic, IQueue undelivered, string identifier)
    {
        var (type, message) = (EventField.FromPath("$.detail.eventType"), EventField.FromPath("$.detail.detailMessage"));
        return new SnsTopic(topic, new SnsTopicProps
        {
            DeadLetterQueue = undelivered,
            Message = RuleTargetInput.FromText(
                $"[critical] {identifier}: {type}: {message} "
                + "A deploy stops the replication for some minutes. Runbook: docs/runbook.md#replication-stopped"),
        });
    }
}
