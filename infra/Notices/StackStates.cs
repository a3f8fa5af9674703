using Amazon.CDK;
using Amazon.CDK.AWS.StepFunctions;
using Amazon.CDK.AWS.StepFunctions.Tasks;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Naming;
using Constructs;
using Timeout = Amazon.CDK.AWS.StepFunctions.Timeout;

namespace CdcDms.Infra.Notices;

/// <summary>
/// The states that look, for a message, whether a deployment is under way: how CloudFormation is with the stacks of replication and batch.
/// Nothing waits for an answer that does not come: it is told as <c>unknown</c>.
/// </summary>
internal sealed class StackStates : Construct
{
    private const string Root = "$.stacks";
    private const string Unknown = "unknown";
    private static readonly Duration LongestLook = Duration.Minutes(1);
    private static readonly string[] Stacks = ["replication", "batch"];

    /// <summary>Makes the states.</summary>
    /// <param name="scope">The workflow.</param>
    /// <param name="id">The construct's id, and the end of its states' names.</param>
    /// <param name="environment">The environment.</param>
    /// <param name="then">The state to go on with, which gets what was found beside its input.</param>
    public StackStates(Construct scope, string id, DeploymentEnvironment environment, State then)
        : base(scope, id)
    {
        var batch = Look("BatchStack", StackNames.Batch(environment), Stacks[1], then);
        var replication = Look("ReplicationStack", StackNames.Replication(environment), Stacks[0], batch);
        First = new Pass(this, $"Stacks{id}", new PassProps
        {
            Result = Amazon.CDK.AWS.StepFunctions.Result.FromObject(Stacks.ToDictionary(
                stack => stack, stack => (object)new Dictionary<string, object> { ["status"] = Unknown })),
            ResultPath = Root,
        });
        First.Next(replication);

        CallAwsService Look(string state, string stack, string path, State next)
        {
            var look = new CallAwsService(this, $"{state}{id}", new CallAwsServiceProps
            {
                Service = "cloudformation",
                Action = "describeStacks",
                IamAction = "cloudformation:DescribeStacks",
                IamResources = [Arns.StackNamed(this, stack)],
                Parameters = new Dictionary<string, object> { ["StackName"] = stack },
                ResultSelector = new Dictionary<string, object> { ["status.$"] = "$.Stacks[0].StackStatus" },
                ResultPath = $"{Root}.{path}",
                TaskTimeout = Timeout.Duration(LongestLook),
            });
            look.AddCatch(next, new CatchProps { ResultPath = JsonPath.DISCARD });
            look.Next(next);
            return look;
        }
    }

    /// <summary>The states' first.</summary>
    public Pass First { get; }

    /// <summary>The paths of the statuses, in the words of CloudFormation: of replication and batch.</summary>
    public static string[] Paths => [.. Stacks.Select(stack => JsonPath.StringAt($"{Root}.{stack}.status"))];
}
