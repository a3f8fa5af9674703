using System.Text;
using System.Text.Json.Nodes;
using CdcDms.Functions.Tests.Aws;

namespace CdcDms.Functions.Tests.Lifecycle;

/// <summary>The DMS API on loopback, in the API's own JSON: refuses wrong signatures and what a state does not allow.</summary>
internal sealed class DmsStandIn : IDisposable
{
    private const string Arn = "arn:aws:dms:eu-central-1:123456789012";
    private readonly HttpStandIn _http;

    public DmsStandIn() => _http = new HttpStandIn(Answer);

    public Uri Url => _http.Url;

    public Dictionary<string, HeldReplication> Tasks { get; } = [];

    public Dictionary<string, HeldReplication> Serverless { get; } = [];

    /// <summary>The tables of whichever replication is asked.</summary>
    public RecordedTables Tables { get; } = new();

    /// <summary>What was asked for besides descriptions, in order.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>Errors that the next calls of an operation meet before it works.</summary>
    public Dictionary<string, Queue<(int Status, string Body)>> Errors { get; } = [];

    public void Dispose() => _http.Dispose();

    private (int Status, string Body) Answer(WireRequest request)
    {
        if (SignatureCheck.Fault(request, "dms") is { } fault)
            return Error("IncompleteSignatureException", fault);
        var (contentType, target) = (request.Headers["content-type"], request.Headers["x-amz-target"]);
        if (contentType != "application/x-amz-json-1.1" || !target.StartsWith("AmazonDMSv20160101.", StringComparison.Ordinal))
            return Error("UnknownOperationException", contentType);
        var operation = target.Split('.')[1];
        if (Errors.TryGetValue(operation, out var errors) && errors.TryDequeue(out var error))
            return error;
        var input = JsonNode.Parse(Encoding.UTF8.GetString(request.Body))!;
        return operation switch
        {
            "DescribeReplicationTasks" => Describe("ReplicationTasks", Tasks, Filtered(input, "replication-task-id"), Task),
            "DescribeReplications" => Describe("Replications", Serverless, Filtered(input, "replication-config-id"), Replication),
            "DescribeConnections" => DescribeConnection(Filtered(input, "endpoint-arn")),
            "TestConnection" => Test((string)input["EndpointArn"]!),
            "StartReplicationTask" => Start(
                Tasks, "ReplicationTask", (string)input["ReplicationTaskArn"]!, (string)input["StartReplicationTaskType"]!, input),
            "StartReplication" => Start(
                Serverless, "Replication", (string)input["ReplicationConfigArn"]!, (string)input["StartReplicationType"]!, input),
            "StopReplicationTask" => Stop(Tasks, "ReplicationTask", (string)input["ReplicationTaskArn"]!),
            "StopReplication" => Stop(Serverless, "Replication", (string)input["ReplicationConfigArn"]!),
            _ => Tables.Answer(operation, input) is { } body ? (200, body) : Error("UnknownOperationException", operation),
        };
    }

    private static (int, string) Describe(
        string list, Dictionary<string, HeldReplication> held, string identifier, Func<string, HeldReplication, JsonObject> form)
    {
        if (!held.TryGetValue(identifier, out var found))
            return Error("ResourceNotFoundFault", "No Tasks found matching given filter");
        if (found.Statuses.Count > 1)
            found.Statuses.Dequeue();
        if (found.Status == "gone")
            held.Remove(identifier);
        return found.Status == "gone" ? (200, $"{{\"{list}\":[]}}") : Ok(list, new JsonArray(form(identifier, found)));
    }

    private (int, string) DescribeConnection(string endpointArn)
    {
        var task = Tasks[endpointArn.Split(':')[^1].Split('.')[0]];
        var side = endpointArn.Split('.')[^1];
        var status = task.Connections.TryGetValue(side, out var statuses) ? statuses.Peek() : "testing";
        if (statuses is { Count: > 1 })
            statuses.Dequeue();
        return Ok("Connections", new JsonArray(new JsonObject
        {
            ["ReplicationInstanceArn"] = $"{Arn}:rep:INSTANCE",
            ["EndpointArn"] = endpointArn,
            ["Status"] = status,
            ["LastFailureMessage"] = task.ConnectionFailure,
        }));
    }

    private (int, string) Test(string endpointArn)
    {
        var task = Tasks[endpointArn.Split(':')[^1].Split('.')[0]];
        var side = endpointArn.Split('.')[^1];
        Calls.Add($"test {side}");
        var end = side == "source" && task.ConnectionFailure is not null ? "failed" : "successful";
        task.Connections[side] = new Queue<string>(["testing", "testing", end]);
        return Ok("Connection", new JsonObject { ["EndpointArn"] = endpointArn, ["Status"] = "testing" });
    }

    private (int, string) Start(Dictionary<string, HeldReplication> held, string name, string arn, string type, JsonNode input)
    {
        var identifier = arn.Split(':')[^1];
        var replication = held[identifier];
        if (held == Tasks && !(Connects("source") && Connects("target")))
        {
            Calls.Add("start too early");
            return Error(
                "InvalidResourceStateFault",
                "Test connection for replication instance and endpoint should be successful for starting the replication task");
        }

        if (replication.Status is not ("ready" or "created" or "stopped" or "failed"))
            return Error("InvalidResourceStateFault", $"Replication Task cannot be started, invalid state: {replication.Status}");
        Calls.Add($"{type} {identifier}{((string?)input["CdcStartPosition"] is { } position ? $" from {position}" : "")}");
        replication.Become(replication.WhenStarted);
        return Ok(name, new JsonObject { ["Status"] = replication.Status });

        bool Connects(string side) => replication.Connections.TryGetValue(side, out var statuses) && statuses.Peek() == "successful";
    }

    private (int, string) Stop(Dictionary<string, HeldReplication> held, string name, string arn)
    {
        var identifier = arn.Split(':')[^1];
        if (held[identifier].Status != "running")
            return Error("InvalidResourceStateFault", $"Replication Task cannot be stopped, invalid state: {held[identifier].Status}");
        Calls.Add($"stop {identifier}");
        held[identifier].Become(held[identifier].WhenStopped);
        return Ok(name, new JsonObject { ["Status"] = held[identifier].Status });
    }

    private static JsonObject Task(string identifier, HeldReplication task) => new()
    {
        ["ReplicationTaskIdentifier"] = identifier,
        ["ReplicationTaskArn"] = $"{Arn}:task:{identifier}",
        ["SourceEndpointArn"] = $"{Arn}:endpoint:{identifier}.source",
        ["TargetEndpointArn"] = $"{Arn}:endpoint:{identifier}.target",
        ["ReplicationInstanceArn"] = $"{Arn}:rep:INSTANCE",
        ["MigrationType"] = task.MigrationType,
        ["Status"] = task.Status,
        ["LastFailureMessage"] = task.Cause,
        ["RecoveryCheckpoint"] = task.RecoveryCheckpoint,
        ["ReplicationTaskCreationDate"] = 1795370000.123,
        ["ReplicationTaskStats"] = new JsonObject
        {
            ["FullLoadProgressPercent"] = 0,
            ["ElapsedTimeMillis"] = 0,
            ["TablesLoaded"] = task.TablesLoaded,
            ["TablesLoading"] = 0,
            ["TablesQueued"] = 0,
            ["TablesErrored"] = 0,
        },
    };

    private static JsonObject Replication(string identifier, HeldReplication replication) => new()
    {
        ["ReplicationConfigIdentifier"] = identifier,
        ["ReplicationConfigArn"] = $"{Arn}:replication-config:{identifier}",
        ["ReplicationType"] = replication.MigrationType,
        ["Status"] = replication.Status,
        ["FailureMessages"] = replication.Cause is null ? new JsonArray() : new JsonArray(replication.Cause),
        ["RecoveryCheckpoint"] = replication.RecoveryCheckpoint,
        ["ReplicationCreateTime"] = 1795370000.123,
    };

    private static string Filtered(JsonNode input, string name) =>
        input["Filters"]!.AsArray()
            .Where(filter => (string)filter!["Name"]! == name)
            .Select(filter => (string)filter!["Values"]![0]!)
            .Single();

    private static (int, string) Ok(string name, JsonNode value) => (200, new JsonObject { [name] = value }.ToJsonString());

    public static (int, string) Error(string type, string message) =>
        (400, new JsonObject { ["__type"] = type, ["message"] = message }.ToJsonString());
}
