using Amazon.CDK;
using Amazon.CDK.AWS.Events;
using Amazon.CDK.AWS.Events.Targets;
using Amazon.CDK.AWS.StepFunctions;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Replication;
using CdcDms.Infra.Stacks;

namespace CdcDms.Infra.Lifecycle;

/// <summary>
/// When an update fails between Before and After, CloudFormation takes everything back but has no reason to call After, and the
/// replication would stay stopped while the source keeps its WAL. So the end of a rollback starts a state machine that looks at the
/// replication until it runs, starting it once when it stands still.
/// </summary>
internal static class RollbackRecovery
{
    /// <summary>The state machine's name, by which it is watched.</summary>
    public static string Name(DeploymentEnvironment environment) => $"cdcdms-{environment.Name}-resume-after-rollback";

    public static void Create(ReplicationStack stack, BuiltReplication replication)
    {
        var calls = new ReplicationCalls(stack, replication);
        var running = new Succeed(stack, "Running");
        var machine = new StateMachine(stack, "ResumeAfterRollback", new StateMachineProps
        {
            StateMachineName = Name(stack.Settings),
            Comment = "Sees to it that the replication runs again after a deploy was rolled back",
            DefinitionBody = DefinitionBody.FromChainable(LookFirst(stack, calls, running)),
            Timeout = Duration.Hours(2),
        });
        _ = new Rule(stack, "RolledBack", new RuleProps
        {
            Description = "The stack was rolled back: make sure that the replication runs",
            EventPattern = new EventPattern
            {
                Source = ["aws.cloudformation"],
                DetailType = ["CloudFormation Stack Status Change"],
                Detail = new Dictionary<string, object>
                {
                    ["stack-id"] = new[] { stack.StackId },
                    ["status-details"] = new Dictionary<string, object> { ["status"] = new[] { "UPDATE_ROLLBACK_COMPLETE" } },
                },
            },
            Targets = [new SfnStateMachine(machine)],
        });
    }

    private static Chain LookFirst(ReplicationStack stack, ReplicationCalls calls, Succeed running)
    {
        var look = calls.Describe("Look");
        var wait = Patience(stack, "WaitForChange").Next(look);
        var started = LookAfterStart(stack, calls, running);
        return look.Next(new Choice(stack, "DoesItRun")
            .When(calls.StatusIs("running"), running)
            .When(calls.StatusIs("stopped", "failed"), calls.Start("Resume", "resume-processing").Next(started))
            .When(calls.StatusIs("ready", "created"), calls.Start("StartAnew", "start-replication").Next(started))
            .Otherwise(wait));
    }

    // It was started once; if it stands still again, somebody has to look, not a loop.
    private static Chain LookAfterStart(ReplicationStack stack, ReplicationCalls calls, Succeed running)
    {
        var wait = Patience(stack, "WaitForStart");
        return wait.Next(calls.Describe("LookAgain")).Next(new Choice(stack, "DidItStart")
            .When(calls.StatusIs("running"), running)
            .When(calls.StatusIs("stopped", "failed", "ready", "created"), new Fail(stack, "StandsStill", new FailProps
            {
                Error = "ReplicationStandsStill",
                Cause = "The replication was started after a rollback and stopped again; see its log and docs/runbook.md.",
            }))
            .Otherwise(wait));
    }

    private static Wait Patience(ReplicationStack stack, string id) =>
        new(stack, id, new WaitProps { Time = WaitTime.Duration(Duration.Seconds(30)) });
}
