using Amazon.CDK;
using Amazon.CDK.AWS.Events;
using Amazon.CDK.AWS.Events.Targets;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.SQS;
using Amazon.CDK.AWS.StepFunctions;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Permissions;
using CdcDms.Infra.StateMachines;
using Constructs;

namespace CdcDms.Infra.Lifecycle;

/// <summary>What the recovery needs.</summary>
internal sealed record RollbackRecoveryProps
{
    /// <summary>Name of the state machine, by which another stack watches it.</summary>
    public required string Name { get; init; }

    /// <summary>Name of the queue of starts that could not be delivered, by which another stack watches it.</summary>
    public required string UndeliveredName { get; init; }

    public required ReplicationKind Kind { get; init; }

    /// <summary>The task or the serverless replication.</summary>
    public required string ReplicationArn { get; init; }

    /// <summary>What happens to the state machine's log when the stack goes.</summary>
    public required RemovalPolicy LogRemoval { get; init; }

    /// <summary>Position of the slot from which a first start reads; null when DMS makes the slot.</summary>
    public required string? StartLsn { get; init; }
}

/// <summary>
/// When an update fails between Before and After, CloudFormation takes everything back but has no reason to call After, and the
/// replication would stay stopped while the source keeps its WAL. So the end of a rollback starts a state machine that looks at the
/// replication until it runs, starting it once when it stands still.
/// </summary>
internal sealed class RollbackRecovery : Construct
{
    // A rollback that failed has left the replication wherever it was.
    private static readonly string[] RolledBack = ["UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED"];

    private readonly ReplicationCalls _calls;
    private readonly Succeed _running;

    public RollbackRecovery(Construct scope, string id, RollbackRecoveryProps props)
        : base(scope, id)
    {
        _calls = new ReplicationCalls(this, props.Kind, props.ReplicationArn);
        _running = new Succeed(this, "Running");
        var recovery = new LoggedStateMachine(this, "StateMachine", new LoggedStateMachineProps
        {
            Name = props.Name,
            Comment = "Sees to it that the replication runs again after a deploy was rolled back",
            Definition = LookFirst(props.StartLsn),
            Timeout = Duration.Hours(2),
            LogRemoval = props.LogRemoval,
        });
        var undelivered = new Queue(this, "Undelivered", new QueueProps
        {
            QueueName = props.UndeliveredName,
            Encryption = QueueEncryption.SQS_MANAGED,
            EnforceSSL = true,
            RetentionPeriod = Duration.Days(14),
        });
        _ = new Rule(this, "RolledBack", new RuleProps
        {
            Description = "The stack was rolled back: make sure that the replication runs",
            EventPattern = new EventPattern
            {
                Source = ["aws.cloudformation"],
                DetailType = ["CloudFormation Stack Status Change"],
                Detail = new Dictionary<string, object>
                {
                    ["stack-id"] = new[] { Stack.Of(this).StackId },
                    ["status-details"] = new Dictionary<string, object> { ["status"] = RolledBack },
                },
            },
            Targets =
            [
                new SfnStateMachine(recovery.Machine, new SfnStateMachineProps
                {
                    DeadLetterQueue = undelivered,
                    Role = new Role(this, "Starter", new RoleProps { AssumedBy = ServiceTrust.Of(this, ServiceTrust.EventBridge) }),
                }),
            ],
        });
    }

    private Chain LookFirst(string? startLsn)
    {
        var look = _calls.Describe("Look");
        var wait = Patience("WaitForChange").Next(look);
        var started = LookAfterStart();
        return look.Next(new Choice(this, "DoesItRun")
            .When(_calls.StatusIs("running"), _running)
            .When(
                Condition.Or(_calls.StatusIs("ready", "created"), Condition.And(_calls.StatusIs("failed"), _calls.NeverWorked)),
                _calls.StartAnew("StartAnew", startLsn).Next(started))
            .When(_calls.StatusIs("stopped", "failed"), _calls.Resume("Resume").Next(started))
            .Otherwise(wait));
    }

    // The replication was started once; if it stands still again, somebody has to look, not a loop.
    private Chain LookAfterStart()
    {
        var wait = Patience("WaitForStart");
        var standsStill = new Fail(this, "StandsStill", new FailProps
        {
            Error = "ReplicationStandsStill",
            Cause = "The replication was started after a rollback and stopped again; see its log and docs/runbook.md.",
        });
        return wait.Next(_calls.Describe("LookAgain")).Next(new Choice(this, "DidItStart")
            .When(_calls.StatusIs("running"), _running)
            .When(_calls.StatusIs("stopped", "failed", "ready", "created"), standsStill)
            .Otherwise(wait));
    }

    private Wait Patience(string id) => new(this, id, new WaitProps { Time = WaitTime.Duration(Duration.Seconds(30)) });
}
