using Amazon.CDK;
using CdcDms.Infra.Databases;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Monitoring;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Notices;
using Constructs;

namespace CdcDms.Infra.Stacks;

/// <summary>What the operations stack needs.</summary>
public sealed record OperationsStackProps
{
    /// <summary>The source, which is watched when the environment says what it is on RDS.</summary>
    public required DatabaseConnection Source { get; init; }

    /// <summary>The analytics database, in the same way.</summary>
    public required DatabaseConnection Analytics { get; init; }

    /// <summary>What is at the end of a stream's name.</summary>
    public required string StackPart { get; init; }
}

/// <summary>
/// What tells people that something is wrong. The stack knows replication and workflow by their fixed names and depends on no other
/// stack, but for the name of a stream: that outlives its stack, and so has no fixed one.
/// </summary>
public sealed class OperationsStack : EnvironmentStack
{
    /// <summary>Makes the stack.</summary>
    public OperationsStack(Construct scope, DeploymentEnvironment environment, OperationsStackProps props)
        : base(scope, StackNames.Operations(environment), environment, "CdcDms: alarms and dashboard")
    {
        var topics = new AlarmTopics(this, "AlarmTopic", environment);
        Topics = topics.Notices;
        if (environment.Alarms.Critical.AreNone)
            Annotations.Of(this).AddWarningV2(
                "cdcdms:nobodyIsTold",
                $"Nobody is told when a critical alarm of {environment.Name} rings: name somebody in alarms.critical of the environment "
                + "file.");

        var replication = new ReplicationMetrics(environment);
        List<DatabaseMetrics> databases =
        [
            .. ((DatabaseMetrics?[])
            [
                DatabaseMetrics.Of(DatabaseRole.Source, props.Source), DatabaseMetrics.Of(DatabaseRole.Analytics, props.Analytics),
            ]).OfType<DatabaseMetrics>(),
        ];
        var batch = new BatchMetrics(
            environment, Executions(BatchNames.Workflow(environment)), Executions(BatchNames.ProofWorkflow(environment)));
        var names = new ReplicationNames(environment);
        var recovery = Executions(names.ResumeAfterRollback);
        var restart = Executions(names.Restart);
        var reload = Executions(BatchNames.ReloadWorkflow(environment));
        var plannedWork = new PlannedWork(this, "PlannedWork", environment, replication);
        List<AlarmDefinition> definitions =
        [
            .. ReplicationAlarms.Of(environment, replication),
            .. StreamAlarms.Of(environment, props.StackPart, batch),
            .. databases.SelectMany(database => DatabaseAlarms.Of(environment.Alarms, database)),
            .. BatchAlarms.Of(environment, batch),
            .. DeliveryAlarms.Of(recovery, restart, reload, topics, names.RollbackUndelivered, environment.Name),
        ];
        var board = new AlarmBoard(this, "Alarms", new AlarmBoardProps
        {
            Environment = environment,
            Topics = Topics,
            PlannedWork = plannedWork,
            Definitions = definitions,
        });
        _ = new ReplicationEvents(this, "Events", new ReplicationEventsProps { Environment = environment, Topics = topics });
        _ = new ReplicationDashboard(this, "Dashboard", new ReplicationDashboardProps
        {
            Environment = environment,
            Replication = replication,
            Batch = batch,
            Definitions = definitions,
            Alarms = board.Alarms,
            PlannedWork = plannedWork,
            Databases = databases,
        });
        if (environment.Budget is { } budget)
            _ = new CostBudget(this, "Cost", new CostBudgetProps { Environment = environment, Budget = budget, Topics = topics });
        Offer(topics.Critical.TopicArn, topics.Warning.TopicArn, topics.Key.KeyArn);
    }

    /// <summary>Where people are told.</summary>
    public NoticeTopics Topics { get; }

    private StateMachineMetrics Executions(string stateMachine) => new(Arns.StateMachine(this, stateMachine));
}
