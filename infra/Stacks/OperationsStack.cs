using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.SNS;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Monitoring;
using CdcDms.Infra.Naming;
using Constructs;

namespace CdcDms.Infra.Stacks;

/// <summary>What the operations stack needs.</summary>
public sealed record OperationsStackProps
{
    /// <summary>The source's RDS instance, when it is one: its slots are watched.</summary>
    public required string? SourceRdsInstanceId { get; init; }
}

/// <summary>
/// What tells people that something is wrong. The stack knows replication and workflow by their fixed names and depends on no other
/// stack.
/// </summary>
public sealed class OperationsStack : EnvironmentStack
{
    /// <summary>Makes the stack.</summary>
    public OperationsStack(Construct scope, DeploymentEnvironment environment, OperationsStackProps props)
        : base(scope, StackNames.Operations(environment), environment, "CdcDms: alarms and dashboard")
    {
        var topic = new AlarmTopic(this, "AlarmTopic", new AlarmTopicProps
        {
            EnvironmentName = environment.Name,
            Addresses = environment.Alarms.Addresses,
        });
        (Topic, TopicKey) = (topic.Topic, topic.Key);

        var replication = new ReplicationMetrics(environment);
        var batch = new BatchMetrics(
            environment, Executions(BatchNames.Workflow(environment)), Executions(BatchNames.ProofWorkflow(environment)));
        var recovery = Executions(new ReplicationNames(environment).ResumeAfterRollback);
        var reload = Executions(BatchNames.ReloadWorkflow(environment));
        var board = new AlarmBoard(this, "Alarms", new AlarmBoardProps
        {
            Environment = environment,
            Topic = Topic,
            Definitions =
            [
                .. ReplicationAlarms.Of(environment, replication, props.SourceRdsInstanceId),
                .. BatchAlarms.Of(environment, batch),
                .. DeliveryAlarms.Of(recovery, reload, topic),
            ],
        });
        _ = new ReplicationEvents(this, "ReplicationStopped", new ReplicationEventsProps { Environment = environment, Topic = topic });
        _ = new ReplicationDashboard(this, "Dashboard", new ReplicationDashboardProps
        {
            Environment = environment,
            Replication = replication,
            Batch = batch,
            Alarms = board.Alarms,
            SourceRdsInstanceId = props.SourceRdsInstanceId,
        });
        if (environment.Budget is { } budget)
            _ = new CostBudget(this, "Cost", new CostBudgetProps { Environment = environment, Budget = budget, Topic = topic });
        Offer(Topic.TopicArn, TopicKey.KeyArn);
    }

    /// <summary>Where people are told.</summary>
    public Topic Topic { get; }

    /// <summary>Encrypts what people are told; who publishes must be allowed to use the key.</summary>
    public Key TopicKey { get; }

    private StateMachineMetrics Executions(string stateMachine) => new(Arns.StateMachine(this, stateMachine));
}
