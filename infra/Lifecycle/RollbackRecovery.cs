using Amazon.CDK;
using Amazon.CDK.AWS.Events;
using Amazon.CDK.AWS.Events.Targets;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.SQS;
using Amazon.CDK.AWS.StepFunctions;
using Amazon.CDK.AWS.StepFunctions.Tasks;
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

    /// <summary>Where the runbook says what to do with a replication that stands still.</summary>
    public required string Runbook { get; init; }

    /// <summary>What happens to the state machine's log when the stack goes.</summary>
    public required RemovalPolicy LogRemoval { get; init; }
}

/// <summary>
/// When an update fails between Before and After, CloudFormation takes everything back but has no reason to call After, and the
/// replication would stay stopped while the source keeps its WAL. So the beginning of an update starts a state machine, which notes by its
/// own way whether the replication ran, waits for the update's end, and after a rollback resumes what ran before. What somebody had
/// stopped stays stopped. A rollback that failed is waited for: what continues it may need the replication to stand still.
/// </summary>
internal sealed class RollbackRecovery : Construct
{
    private readonly ReplicationCalls _calls;
    private readonly DeploymentCalls _deployments;
    private readonly string _runbook;

    public RollbackRecovery(Construct scope, string id, RollbackRecoveryProps props)
        : base(scope, id)
    {
        _calls = new ReplicationCalls(this, props.Kind, props.ReplicationArn);
        _deployments = new DeploymentCalls(this);
        _runbook = props.Runbook;
        var recovery = new LoggedStateMachine(this, "StateMachine", new LoggedStateMachineProps
        {
            Name = props.Name,
            Comment = "Sees to it that a replication that ran runs again after a deploy was rolled back",
            Definition = LookFirst(),
            // A rollback that failed is continued by people.
            Timeout = Duration.Days(1),
            LogRemoval = props.LogRemoval,
        });
        var undelivered = new Queue(this, "Undelivered", new QueueProps
        {
            QueueName = props.UndeliveredName,
            Encryption = QueueEncryption.SQS_MANAGED,
            EnforceSSL = true,
            RetentionPeriod = Duration.Days(14),
        });
        _ = new Rule(this, "Updating", new RuleProps
        {
            Description = "The stack is updated: make sure that the replication runs again should that be rolled back",
            EventPattern = new EventPattern
            {
                Source = ["aws.cloudformation"],
                DetailType = ["CloudFormation Stack Status Change"],
                Detail = new Dictionary<string, object>
                {
                    ["stack-id"] = new[] { Stack.Of(this).StackId },
                    ["status-details"] = new Dictionary<string, object> { ["status"] = new[] { "UPDATE_IN_PROGRESS" } },
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

    // The first look comes while the deployment begins: what it stops is running, or stopping.
    private Chain LookFirst() => _calls.Describe("Look").Next(new Choice(this, "DidItRun")
        .When(_calls.StatusIs("stopped", "failed", "ready", "created"), new Succeed(this, "StoodStill"))
        .Otherwise(LookAtDeployment()));

    private Chain LookAtDeployment()
    {
        var look = _deployments.Describe("LookAtDeployment");
        var wait = new Wait(this, "WaitForEnd", new WaitProps { Time = WaitTime.Duration(Duration.Minutes(1)) }).Next(look);
        return look.Next(new Choice(this, "HowDidItEnd")
            .When(DeploymentCalls.StatusIs("UPDATE_ROLLBACK_COMPLETE"), LookAfterRollback())
            .When(Condition.Or(DeploymentCalls.UnderWay, DeploymentCalls.StatusIs("UPDATE_FAILED", "UPDATE_ROLLBACK_FAILED")), wait)
            .Otherwise(new Succeed(this, "NotRolledBack")));
    }

    private Chain LookAfterRollback()
    {
        var look = _calls.Describe("LookAfterRollback");
        var wait = Patience("WaitForChange").Next(look);
        var running = new Succeed(this, "Running");
        return look.Next(new Choice(this, "DoesItRun")
            .When(_calls.StatusIs("running"), running)
            .When(_calls.StatusIs("stopped", "failed"), Resume(LookAfterStart(running)))
            .Otherwise(wait));
    }

    // The order may be taken and its answer lost: what became of it is looked at.
    private CallAwsService Resume(Chain look)
    {
        var resume = _calls.Resume("Resume");
        resume.AddCatch(look, new CatchProps { ResultPath = JsonPath.DISCARD });
        resume.Next(look);
        return resume;
    }

    // The replication was started once; if it stands still again, somebody has to look, not a loop.
    private Chain LookAfterStart(Succeed running)
    {
        var wait = Patience("WaitForStart");
        var standsStill = new Fail(this, "StandsStill", new FailProps
        {
            Error = "ReplicationStandsStill",
            Cause = $"The replication was started after a rollback and stopped again; see its log and {_runbook}.",
        });
        return wait.Next(_calls.Describe("LookAgain")).Next(new Choice(this, "DidItStart")
            .When(_calls.StatusIs("running"), running)
            .When(_calls.StatusIs("stopped", "failed"), standsStill)
            .Otherwise(wait));
    }

    private Wait Patience(string id) => new(this, id, new WaitProps { Time = WaitTime.Duration(Duration.Seconds(30)) });
}
