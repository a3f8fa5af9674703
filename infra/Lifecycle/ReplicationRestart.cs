using Amazon.CDK;
using Amazon.CDK.AWS.StepFunctions;
using Amazon.CDK.AWS.StepFunctions.Tasks;
using CdcDms.Contract.Functions;
using CdcDms.Infra.StateMachines;
using Constructs;

namespace CdcDms.Infra.Lifecycle;

/// <summary>What the restart needs.</summary>
internal sealed record ReplicationRestartProps
{
    /// <summary>Name of the state machine, by which the command line starts it.</summary>
    public required string Name { get; init; }

    public required ReplicationKind Kind { get; init; }

    /// <summary>The task or the serverless replication.</summary>
    public required string ReplicationArn { get; init; }

    /// <summary>What happens to the state machine's log when the stack goes.</summary>
    public required RemovalPolicy LogRemoval { get; init; }
}

/// <summary>
/// Stops the replication and resumes it where it stopped, which people start: DMS sees what is new at the source, such as a column, only
/// when it begins. Nothing is lost meanwhile, since the source keeps its WAL. One that stands still already is resumed. It may be done
/// twice, one after the other.
/// </summary>
internal sealed class ReplicationRestart : Construct
{
    private readonly ReplicationCalls _calls;

    public ReplicationRestart(Construct scope, string id, ReplicationRestartProps props)
        : base(scope, id)
    {
        _calls = new ReplicationCalls(this, props.Kind, props.ReplicationArn);
        _ = new LoggedStateMachine(this, "StateMachine", new LoggedStateMachineProps
        {
            Name = props.Name,
            Comment = "Stops the replication, and resumes it where it stopped",
            Definition = LookFirst(),
            Timeout = Duration.Hours(2),
            LogRemoval = props.LogRemoval,
        });
    }

    private Chain LookFirst()
    {
        var look = _calls.Describe("Look");
        var wait = Patience("WaitForChange").Next(look);
        var resume = Resume(LookAfterStart());
        return look.Next(new Choice(this, "DoesItRun")
            .When(_calls.StatusIs("running"), Stop(LookAfterStop(resume)))
            .When(_calls.StatusIs("stopped", "failed"), resume)
            .When(_calls.StatusIs("ready", "created"), new Fail(this, "NeverStarted", new FailProps
            {
                Error = "NeverStarted",
                Cause = "The replication was never started, so there is nothing to resume: a deployment starts it.",
            }))
            .Otherwise(wait));
    }

    // An order may be taken and its answer lost, and somebody else may have been faster: what became of it is looked at.
    private CallAwsService Stop(Chain look)
    {
        var stop = _calls.Stop("Stop");
        stop.AddCatch(look, new CatchProps { ResultPath = JsonPath.DISCARD });
        stop.Next(look);
        return stop;
    }

    private CallAwsService Resume(Chain look)
    {
        var resume = _calls.Resume("Resume");
        resume.AddCatch(look, new CatchProps { ResultPath = JsonPath.DISCARD });
        resume.Next(look);
        return resume;
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
    private Chain LookAfterStart()
    {
        var wait = Patience("WaitForStart");
        return wait.Next(_calls.Describe("LookAgain")).Next(new Choice(this, "DidItStart")
            .When(_calls.StatusIs("running"), new Succeed(this, "Running"))
            .When(_calls.StatusIs("stopped", "failed"), new Fail(this, "StandsStill", new FailProps
            {
                Error = "ReplicationStandsStill",
                Cause = "The replication was resumed and stopped again; see its log and docs/runbook.md#replication-stopped.",
            }))
            .Otherwise(wait));
    }

    private Wait Patience(string id) => new(this, id, new WaitProps { Time = WaitTime.Duration(Duration.Seconds(30)) });
}
