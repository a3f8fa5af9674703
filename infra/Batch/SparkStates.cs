using Amazon.CDK;
using Amazon.CDK.AWS.StepFunctions;
using Amazon.CDK.AWS.StepFunctions.Tasks;
using CdcDms.Contract;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Naming;
using CdcDms.Infra.StateMachines;
using Constructs;
using Timeout = Amazon.CDK.AWS.StepFunctions.Timeout;

namespace CdcDms.Infra.Batch;

/// <summary>The states by which Spark reduces the changes that a plan names, and what is left of them is merged.</summary>
/// <param name="scope">The construct to which the states belong.</param>
/// <param name="environment">Whose states.</param>
/// <param name="settings">The environment's settings of Spark.</param>
internal sealed class SparkStates(Construct scope, DeploymentEnvironment environment, GlueSettings settings)
{
    // A run waits for its workers before its own time begins.
    private static readonly Duration LongestWait = Duration.Minutes(15);

    /// <summary>What the plan function is told of Spark.</summary>
    public static KeyValuePair<string, object> Choice(GlueSettings settings) => new("spark", new Dictionary<string, object>
    {
        ["fromBytes"] = (double)settings.FromMegabytes * 1024 * 1024,
        ["leaveOut"] = settings.LeaveOut.ToArray(),
    });

    /// <summary>Runs the job, then merges what is left. Where the job fails, it is counted, and functions merge alone.</summary>
    /// <param name="mergeLeft">The call that merges the next of what is left, with its answer at <c>$.merge</c>.</param>
    /// <param name="leftAlone">What follows when another execution merges the table.</param>
    /// <param name="merge">What follows when nothing is left, or what is left cannot be merged.</param>
    public IChainable Reduced(LambdaInvoke mergeLeft, IChainable leftAlone, IChainable merge)
    {
        mergeLeft.Next(new Choice(scope, "MoreOfSpark")
            .When(Condition.IsString("$.merge.leftAlone"), leftAlone)
            .When(Condition.BooleanEquals("$.merge.moreOfSpark", true), mergeLeft)
            .Otherwise(merge));
        var reduce = new GlueStartJobRun(scope, "Reduce", new GlueStartJobRunProps
        {
            GlueJobName = BatchNames.SparkJob(environment),
            IntegrationPattern = IntegrationPattern.RUN_JOB,
            Arguments = TaskInput.FromObject(new Dictionary<string, object> { ["--plan.$"] = "$.plan.sparkPlan" }),
            ResultPath = JsonPath.DISCARD,
            TaskTimeout = Timeout.Duration(Duration.Minutes(settings.TimeoutMinutes).Plus(LongestWait)),
        });
        reduce.RetryingRun();
        var failed = new PutMetric(scope, "SparkFailed", MetricNames.SparkRunsFailed, environment.Name);
        failed.AddCatch(merge, new CatchProps { ResultPath = JsonPath.DISCARD });
        reduce.AddCatch(failed.Next(merge), new CatchProps { ResultPath = JsonPath.DISCARD });
        return reduce.Next(mergeLeft);
    }
}
