using Amazon.CDK.AWS.StepFunctions;
using Amazon.CDK.AWS.StepFunctions.Tasks;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Replication;
using CdcDms.Infra.Stacks;

namespace CdcDms.Infra.Lifecycle;

/// <summary>
/// A state machine's calls to DMS, for either kind of replication. The service is <c>databasemigration</c> to Step Functions and
/// <c>dms</c> to IAM, which CDK does not know.
/// </summary>
internal sealed class ReplicationCalls(ReplicationStack stack, BuiltReplication replication)
{
    private readonly bool serverless = replication.Kind == ReplicationKind.Serverless;

    private string List => serverless ? "Replications" : "ReplicationTasks";

    private string ArnName => serverless ? "ReplicationConfigArn" : "ReplicationTaskArn";

    /// <summary>Looks; the status is at <c>$.List[0].Status</c>.</summary>
    public CallAwsService Describe(string id) => Call(
        id,
        serverless ? "describeReplications" : "describeReplicationTasks",
        "*",
        new Dictionary<string, object>
        {
            ["Filters"] = new[]
            {
                new Dictionary<string, object>
                {
                    ["Name"] = serverless ? "replication-config-arn" : "replication-task-arn",
                    ["Values"] = new[] { replication.Arn },
                },
            },
        });

    /// <summary>Starts it.</summary>
    public CallAwsService Start(string id, string type)
    {
        var parameters = new Dictionary<string, object>
        {
            [ArnName] = replication.Arn,
            [serverless ? "StartReplicationType" : "StartReplicationTaskType"] = type,
        };
        if (type == "start-replication" && stack.Settings.Replication.Start is ChangesFromSlot slot)
            parameters["CdcStartPosition"] = slot.StartLsn;
        return Call(id, serverless ? "startReplication" : "startReplicationTask", replication.Arn, parameters);
    }

    /// <summary>Whether the status is one of these.</summary>
    public Condition StatusIs(params string[] statuses)
    {
        Condition[] each = [.. statuses.Select(status => Condition.StringEquals($"$.{List}[0].Status", status))];
        return each.Length == 1 ? each[0] : Condition.Or(each);
    }

    private CallAwsService Call(string id, string action, string resource, Dictionary<string, object> parameters) => new(stack, id, new CallAwsServiceProps
    {
        Service = "databasemigration",
        Action = action,
        IamAction = $"dms:{char.ToUpperInvariant(action[0])}{action[1..]}",
        IamResources = [resource],
        Parameters = parameters,
    });
}
