using Amazon.CDK;
using Amazon.CDK.AWS.StepFunctions;
using Amazon.CDK.AWS.StepFunctions.Tasks;
using CdcDms.Contract.Functions;
using Constructs;
using Timeout = Amazon.CDK.AWS.StepFunctions.Timeout;

namespace CdcDms.Infra.Lifecycle;

/// <summary>
/// A state machine's calls to DMS, for either kind of replication. The service is <c>databasemigration</c> to Step Functions and
/// <c>dms</c> to IAM, which CDK does not know.
/// </summary>
/// <param name="scope">The construct to which the states belong.</param>
/// <param name="kind">The kind of replication.</param>
/// <param name="replicationArn">The task or the serverless replication.</param>
internal sealed class ReplicationCalls(Construct scope, ReplicationKind kind, string replicationArn)
{
    private static readonly Duration LongestCall = Duration.Minutes(1);

    private readonly bool _serverless = kind == ReplicationKind.Serverless;

    private string List => _serverless ? "Replications" : "ReplicationTasks";

    private string Statistics => $"$.{List}[0].{(_serverless ? "ReplicationStats" : "ReplicationTaskStats")}";

    private string ArnName => _serverless ? "ReplicationConfigArn" : "ReplicationTaskArn";

    /// <summary>Looks; the status is at <c>$.List[0].Status</c>.</summary>
    public CallAwsService Describe(string id) => Patiently(Call(
        id,
        _serverless ? "describeReplications" : "describeReplicationTasks",
        "*",
        Which()));

    /// <summary>Starts the replication where it stopped.</summary>
    public CallAwsService Resume(string id) => Start(id, Parameters("resume-processing"));

    /// <summary>Starts the replication for the first time.</summary>
    /// <param name="id">Name of the state.</param>
    /// <param name="startLsn">Position of the slot from which changes are read; null when DMS makes the slot.</param>
    public CallAwsService StartAnew(string id, string? startLsn)
    {
        var parameters = Parameters("start-replication");
        if (startLsn is not null)
            parameters["CdcStartPosition"] = startLsn;
        return Start(id, parameters);
    }

    /// <summary>Stops the replication.</summary>
    public CallAwsService Stop(string id) => Patiently(Call(
        id,
        _serverless ? "stopReplication" : "stopReplicationTask",
        replicationArn,
        new Dictionary<string, object> { [ArnName] = replicationArn }));

    /// <summary>Whether it loads tables, or some wait for their load.</summary>
    public Condition IsLoading => Condition.Or(IsAbove0("TablesLoading"), IsAbove0("TablesQueued"));

    /// <summary>Whether it has neither loaded nor read anything, so that there is nothing to resume.</summary>
    public Condition NeverWorked
    {
        get
        {
            return Condition.And(
                Condition.Not(Has($"$.{List}[0].RecoveryCheckpoint", Condition.IsString)),
                Condition.Or(
                    Condition.Not(Has($"{Statistics}.FullLoadProgressPercent", Condition.IsNumeric)),
                    Condition.And(
                        Condition.NumberEquals($"{Statistics}.FullLoadProgressPercent", 0),
                        Condition.NumberEquals($"{Statistics}.TablesLoaded", 0),
                        Condition.NumberEquals($"{Statistics}.TablesLoading", 0))));
        }
    }

    /// <summary>Whether the status is one of these.</summary>
    public Condition StatusIs(params string[] statuses)
    {
        Condition[] each = [.. statuses.Select(status => Condition.StringEquals($"$.{List}[0].Status", status))];
        return each.Length == 1 ? each[0] : Condition.Or(each);
    }

    // The interpreter of the local workflow takes what is below an item of a list for present, also where it is not.
    private static Condition Has(string path, Func<string, Condition> isOfType) =>
        Condition.And(Condition.IsPresent(path), isOfType(path));

    private Condition IsAbove0(string count) => Condition.And(
        Condition.IsPresent($"{Statistics}.{count}"), Condition.NumberGreaterThan($"{Statistics}.{count}", 0));

    private Dictionary<string, object> Which()
    {
        var which = new Dictionary<string, object>
        {
            ["Filters"] = new[]
            {
                new Dictionary<string, object>
                {
                    ["Name"] = _serverless ? "replication-config-arn" : "replication-task-arn",
                    ["Values"] = new[] { replicationArn },
                },
            },
        };

        // The settings and mappings of many tables are more than the 256 KiB that a state holds (AWS: Step Functions quotas).
        if (!_serverless)
            which["WithoutSettings"] = true;
        return which;
    }

    private Dictionary<string, object> Parameters(string type) => new()
    {
        [ArnName] = replicationArn,
        [_serverless ? "StartReplicationType" : "StartReplicationTaskType"] = type,
    };

    // DMS tests the connections of an endpoint that was changed, and starts nothing meanwhile.
    private CallAwsService Start(string id, Dictionary<string, object> parameters) =>
        Patiently(Call(id, _serverless ? "startReplication" : "startReplicationTask", replicationArn, parameters));

    private static CallAwsService Patiently(CallAwsService call)
    {
        call.AddRetry(new RetryProps { Interval = Duration.Seconds(30), BackoffRate = 1, MaxAttempts = 40 });
        return call;
    }

    private CallAwsService Call(string id, string action, string resource, Dictionary<string, object> parameters) =>
        new(scope, id, new CallAwsServiceProps
        {
            Service = "databasemigration",
            Action = action,
            IamAction = $"dms:{char.ToUpperInvariant(action[0])}{action[1..]}",
            IamResources = [resource],
            Parameters = parameters,
            TaskTimeout = Timeout.Duration(LongestCall),
        });
}
