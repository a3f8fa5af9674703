using Amazon.CDK;
using Amazon.CDK.AWS.StepFunctions;
using Amazon.CDK.AWS.StepFunctions.Tasks;
using CdcDms.Contract;
using CdcDms.Infra.StateMachines;
using Constructs;
using Timeout = Amazon.CDK.AWS.StepFunctions.Timeout;

namespace CdcDms.Infra.Lifecycle;

/// <summary>
/// A state machine's calls about deployments of its own stack: whether one is under way, and the sign that it works like one.
/// </summary>
/// <param name="scope">The construct to which the states belong.</param>
internal sealed class DeploymentCalls(Construct scope)
{
    private static readonly Duration LongestCall = Duration.Minutes(1);

    private const string Status = "$.Stacks[0].StackStatus";

    /// <summary>Whether CloudFormation works on the stack.</summary>
    public static Condition UnderWay => Condition.StringMatches(Status, "*_IN_PROGRESS");

    /// <summary>Looks at the stack; the status is at <c>$.Stacks[0].StackStatus</c>.</summary>
    public CallAwsService Describe(string id)
    {
        var stack = Stack.Of(scope).StackId;
        var call = new CallAwsService(scope, id, new CallAwsServiceProps
        {
            Service = "cloudformation",
            Action = "describeStacks",
            IamAction = "cloudformation:DescribeStacks",
            IamResources = [stack],
            Parameters = new Dictionary<string, object> { ["StackName"] = stack },
            TaskTimeout = Timeout.Duration(LongestCall),
        });
        call.AddRetry(new RetryProps { Interval = Duration.Seconds(30), BackoffRate = 1, MaxAttempts = 40 });
        return call;
    }

    /// <summary>
    /// Gives the sign by which alarms know that the replication stops on purpose, the same as the function of deployments.
    /// </summary>
    /// <param name="id">Name of the state.</param>
    /// <param name="environment">The environment's name.</param>
    public CallAwsService Sign(string id, string environment) => new PutMetric(scope, id, MetricNames.Deploying, environment);

    /// <summary>Whether the stack's status is one of these.</summary>
    public static Condition StatusIs(params string[] statuses)
    {
        Condition[] each = [.. statuses.Select(status => Condition.StringEquals(Status, status))];
        return each.Length == 1 ? each[0] : Condition.Or(each);
    }
}
