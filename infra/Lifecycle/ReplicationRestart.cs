using Amazon.CDK;
using Amazon.CDK.AWS.StepFunctions;
using Amazon.CDK.AWS.StepFunctions.Tasks;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Naming;
using CdcDms.Infra.StateMachines;
using Constructs;
using Timeout = Amazon.CDK.AWS.StepFunctions.Timeout;

namespace CdcDms.Infra.Lifecycle;

/// <summary>What the restart needs.</summary>
internal sealed record ReplicationRestartProps
{
    /// <summary>Name of the state machine, by which the command line starts it.</summary>
    public required string Name { get; init; }

    /// <summary>The environment, whose alarms are told that the replication stops on purpose.</summary>
    public required string EnvironmentName { get; init; }

    public required ReplicationKind Kind { get; init; }

    /// <summary>The task or the serverless replication.</summary>
    public required string ReplicationArn { get; init; }

    /// <summary>Where the runbook says what to do with a replication that stands still.</summary>
    public required string Runbook { get; init; }

    /// <summary>What happens to the state machine's log when the stack goes.</summary>
    public required RemovalPolicy LogRemoval { get; init; }

    /// <summary>Position of the slot from which a first start reads; null when DMS makes the slot.</summary>
    public required string? StartLsn { get; init; }
}

/// <summary>
/// Stops the replication and resumes it where it stopped, which people start: DMS sees what is new at the source, such as a column, only
/// when it begins. Nothing is lost meanwhile, since the source keeps its WAL. One that stands still already is resumed, and one that failed
/// before it did anything is started for the first time. It is refused while a deployment or a load is under way, which a stop would
/// disturb, and while another restart is; a deployment that begins after the stop is waited for, since it changes what must stand still. It
/// may be done twice, one after the other.
/// </summary>
internal sealed class ReplicationRestart : Construct
{
    private readonly ReplicationCalls _calls;
    private readonly DeploymentCalls _deployments;
    private readonly ReplicationRestartProps _props;

    public ReplicationRestart(Construct scope, string id, ReplicationRestartProps props)
        : base(scope, id)
    {
        _props = props;
        _calls = new ReplicationCalls(this, props.Kind, props.ReplicationArn);
        _deployments = new DeploymentCalls(this);
        _ = new LoggedStateMachine(this, "StateMachine", new LoggedStateMachineProps
        {
            Name = props.Name,
            Comment = "Stops the replication, and resumes it where it stopped",
            Definition = LookFirst(),
            Timeout = Duration.Hours(2),
            LogRemoval = props.LogRemoval,
        });
    }

    // Two of them would each stop what the other has resumed.
    private Chain LookFirst()
    {
        const string other = "$.Executions[1].ExecutionArn";
        var look = Others();
        return look.Next(new Choice(this, "IsItTheOnlyOne")
            .When(Condition.And(Condition.IsPresent(other), Condition.IsString(other)), Refusal(
                "RestartUnderWay", "Another restart is under way: wait for its end, and run restart again if it is still needed."))
            .Otherwise(LookAtDeployment()));
    }

    // The execution finds itself, too.
    private CallAwsService Others()
    {
        var look = new CallAwsService(this, "LookForRestarts", new CallAwsServiceProps
        {
            Service = "sfn",
            Action = "listExecutions",
            IamAction = "states:ListExecutions",
            IamResources = [Arns.StateMachine(this, _props.Name)],
            Parameters = new Dictionary<string, object>
            {
                ["StateMachineArn"] = JsonPath.StringAt("$$.StateMachine.Id"),
                ["StatusFilter"] = "RUNNING",
                ["MaxResults"] = 2,
            },
            TaskTimeout = Timeout.Duration(Duration.Minutes(1)),
        });
        look.AddRetry(new RetryProps { Interval = Duration.Seconds(5), MaxAttempts = 5 });
        return look;
    }

    private Chain LookAtDeployment()
    {
        var deployment = _deployments.Describe("LookForDeployment");
        var look = _calls.Describe("Look");
        var wait = Patience("WaitForChange").Next(deployment);
        var running = new Succeed(this, "Running");
        var started = LookAfterStart(running);
        var resume = Resume(started, running);
        look.Next(new Choice(this, "DoesItRun")
            .When(Condition.And(_calls.StatusIs("running"), _calls.IsLoading), Refusal(
                "LoadUnderWay",
                "The replication is loading tables, and a restart may begin the load anew: run restart again once the load has ended."))
            .When(_calls.StatusIs("running"), Stop(LookAfterStop(resume)))
            .When(
                Condition.And(_calls.StatusIs("stopped", "failed"), _calls.NeverWorked),
                _calls.StartAnew("StartAnew", _props.StartLsn).Next(started))
            .When(_calls.StatusIs("stopped", "failed"), resume)
            .When(_calls.StatusIs("ready", "created"), Refusal(
                "NeverStarted", "The replication was never started, so there is nothing to resume: a deployment starts it."))
            .Otherwise(wait));
        return deployment.Next(new Choice(this, "IsItDeployed")
            .When(DeploymentCalls.UnderWay, Refusal(
                "DeploymentUnderWay",
                "A deployment is under way, which stops and starts the replication itself: run restart again once it has ended, if it is "
                + "still needed."))
            .Otherwise(look));
    }

    private Fail Refusal(string error, string cause) => new(this, error, new FailProps { Error = error, Cause = cause });

    // An order may be taken and its answer lost, and somebody else may have been faster: what became of it is looked at. Without the sign
    // an alarm tells of the stop, which is no reason to leave the replication as it is.
    private Chain Stop(Chain look)
    {
        var stop = _calls.Stop("Stop");
        stop.AddCatch(look, new CatchProps { ResultPath = JsonPath.DISCARD });
        stop.Next(look);
        var sign = _deployments.Sign("TellAlarms", _props.EnvironmentName);
        sign.AddCatch(stop, new CatchProps { ResultPath = JsonPath.DISCARD });
        return sign.Next(stop);
    }

    // A deployment that began meanwhile resumes only what ran when it began. One that had begun before may have resumed the replication.
    private Chain Resume(Chain look, Succeed running)
    {
        var resume = _calls.Resume("Resume");
        resume.AddCatch(look, new CatchProps { ResultPath = JsonPath.DISCARD });
        resume.Next(look);
        var deployment = _deployments.Describe("LookBeforeResume");
        var wait = Patience("WaitForDeployment");
        wait.Next(_calls.Describe("LookDuringDeployment")).Next(new Choice(this, "DoesItRunAgain")
            .When(_calls.StatusIs("running"), running)
            .Otherwise(deployment));
        return deployment.Next(new Choice(this, "IsItDeployedMeanwhile")
            .When(DeploymentCalls.UnderWay, wait)
            .Otherwise(resume));
    }

    // A replication says running for a moment after it was told to stop.
    private Chain LookAfterStop(IChainable resume)
    {
        var wait = Patience("WaitForStop");
        return wait.Next(_calls.Describe("LookForStop")).Next(new Choice(this, "DidItStop")
            .When(_calls.StatusIs("stopped", "failed"), resume)
            .Otherwise(wait));
    }

    // It is resumed once; if it stands still again, somebody has to look, not a loop.
    private Chain LookAfterStart(Succeed running)
    {
        var wait = Patience("WaitForStart");
        return wait.Next(_calls.Describe("LookAgain")).Next(new Choice(this, "DidItStart")
            .When(_calls.StatusIs("running"), running)
            .When(_calls.StatusIs("stopped", "failed"), new Fail(this, "StandsStill", new FailProps
            {
                Error = "ReplicationStandsStill",
                Cause = $"The replication was resumed and stopped again; see its log and {_props.Runbook}.",
            }))
            .Otherwise(wait));
    }

    private Wait Patience(string id) => new(this, id, new WaitProps { Time = WaitTime.Duration(Duration.Seconds(30)) });
}
