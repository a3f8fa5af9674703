using Amazon.CDK;
using Amazon.CDK.AWS.StepFunctions;
using Amazon.CDK.AWS.StepFunctions.Tasks;
using CdcDms.Contract;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Permissions;
using CdcDms.Infra.StateMachines;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>The states by which Spark reduces the changes that a plan names, and what is left of them is merged.</summary>
/// <param name="scope">The construct to which the states belong.</param>
/// <param name="environment">Whose states.</param>
/// <param name="settings">The environment's settings of Spark.</param>
internal sealed class SparkStates(Construct scope, DeploymentEnvironment environment, GlueSettings settings)
{
    // A run waits for its workers before its own time begins.
    private static readonly Duration LongestWait = Duration.Minutes(15);

    private static Duration LongestRun(GlueSettings settings) => Duration.Minutes(settings.TimeoutMinutes).Plus(LongestWait);

    /// <summary>What the plan function is told of Spark.</summary>
    public static KeyValuePair<string, object> Choice(GlueSettings settings) => new("spark", new Dictionary<string, object>
    {
        ["longestRunMinutes"] = LongestRun(settings).Plus(RetryRules.LongestPatience).ToMinutes(),
        ["fromBytes"] = (double)settings.FromMegabytes * 1024 * 1024,
        ["leaveOut"] = settings.LeaveOut.ToArray(),
    });

    /// <summary>Lets a state machine run the job (AWS: Step Functions, IAM policies for calling AWS Glue).</summary>
    public static void AllowRuns(StateMachine machine, DeploymentEnvironment environment)
    {
        var job = Arns.GlueJob(machine, BatchNames.SparkJob(environment));
        machine.Allow([job], "glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun");
    }

    /// <summary>Runs the job, then merges what is left. Where the job fails, it is counted, and functions merge alone.</summary>
    /// <param name="mergeLeft">The call that merges the next of what is left, with its answer at <c>$.merge</c>.</param>
    /// <param name="leftAlone">What follows when another execution merges the table.</param>
    /// <param name="plan">What follows when more waits than one plan takes, and all that Spark left of this one is merged.</param>
    /// <param name="merge">What follows when nothing is left, or what is left cannot be merged.</param>
    public IChainable Reduced(LambdaInvoke mergeLeft, IChainable leftAlone, IChainable plan, IChainable merge)
    {
        mergeLeft.Next(new Choice(scope, "MoreOfSpark")
            .When(Condition.IsString("$.merge.leftAlone"), leftAlone)
            .When(Condition.BooleanEquals("$.merge.moreOfSpark", true), mergeLeft)
            // The same files would be planned again after what is left of them was given up.
            .When(
                Condition.And(
                    Condition.BooleanEquals("$.plan.moreForSpark", true), Condition.Not(Condition.IsString("$.merge.notFromSpark"))),
                plan)
            .Otherwise(merge));
        // The CDK's own state gives its timeout to the run and has none itself.
        var reduce = new CustomState(scope, "Reduce", new CustomStateProps
        {
            StateJson = new Dictionary<string, object>
            {
                ["Type"] = "Task",
                ["Resource"] = $"arn:{Aws.PARTITION}:states:::glue:startJobRun.sync",
                ["Parameters"] = new Dictionary<string, object>
                {
                    ["JobName"] = BatchNames.SparkJob(environment),
                    ["Arguments"] = new Dictionary<string, object> { ["--plan.$"] = "$.plan.sparkPlan" },
                },
                ["ResultPath"] = "$.run",
                ["TimeoutSeconds"] = LongestRun(settings).ToSeconds(),
            },
        });
        reduce.AddRetry(RetryRules.OfRuns);
        var failed = new PutMetric(scope, "SparkFailed", SparkMetricNames.RunsFailed, environment.Name);
        failed.AddCatch(merge, new CatchProps { ResultPath = JsonPath.DISCARD });
        reduce.AddCatch(failed.Next(merge), new CatchProps { ResultPath = JsonPath.DISCARD });
        return reduce.Next(mergeLeft);
    }
}
