using System.Text.Json.Nodes;
using CdcDms.Local.Tests.Remote;

namespace CdcDms.Local.Tests.Workflow;

/// <summary>
/// A serverless replication and the stack that it belongs to, in the words of their services, and the state machines that look after it.
/// </summary>
internal sealed class RecordedReplication
{
    /// <summary>The calls, one after the other.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>The kinds of start that were asked for.</summary>
    public List<string> Starts { get; } = [];

    /// <summary>What was told to CloudWatch.</summary>
    public List<string> Signs { get; } = [];

    /// <summary>The states of the stack, look by look; the last one stays.</summary>
    public IReadOnlyList<string> Stacks { get; set; } = ["UPDATE_COMPLETE"];

    /// <summary>The calls that are refused, each once.</summary>
    public List<string> Refused { get; set; } = [];

    /// <summary>Executions of the state machine that run, its own among them.</summary>
    public int Running { get; set; } = 1;

    /// <summary>Whether it has loaded and read anything.</summary>
    public bool HasWorked { get; set; } = true;

    /// <summary>More of its description, as JSON after a comma.</summary>
    public string More { get; set; } = "";

    /// <summary>Runs a state machine of the replication's stack by the interpreter.</summary>
    /// <param name="machine">The state machine's name.</param>
    /// <param name="statuses">The states of the replication, look by look; the last one stays.</param>
    /// <returns>The interpreter's last word.</returns>
    public async Task<JsonNode> RunAsync(string machine, params string[] statuses)
    {
        var (replication, stack) = (new Queue<string>(statuses), new Queue<string>(Stacks));
        await using var aws = await AwsStandIn.StartAsync((target, body) => Answer(target.Split('.')[1], body, replication, stack));
        return await SynthesizedMachine.RunAsync(machine, "{}", ("dms", aws.Url));
    }

    private (int Status, string Code, string Body) Answer(string operation, string body, Queue<string> replication, Queue<string> stack)
    {
        Calls.Add(operation);
        if (Refused.Remove(operation))
            return (400, "", """{"__type":"InvalidResourceStateFault","message":"not now"}""");
        if (operation == "StartReplication")
            Starts.Add(JsonNode.Parse(body)!["StartReplicationType"]!.GetValue<string>());
        if (operation == "PutMetricData")
            Signs.Add(body);
        if (operation == "ListExecutions")
            return (200, "", $$"""{"Executions":[{{string.Join(',', Enumerable.Repeat("""{"ExecutionArn":"arn"}""", Running))}}]}""");
        if (operation == "DescribeStacks")
            return (200, "", $$"""{"Stacks":[{"StackStatus":"{{Next(stack)}}"}]}""");
        var status = operation == "DescribeReplications" ? Next(replication) : replication.Peek();
        var position = HasWorked ? ",\"RecoveryCheckpoint\":\"checkpoint:V1#1\"" : "";
        return (200, "", $$"""{"Replications":[{"Status":"{{status}}"{{position}}{{More}}}]}""");
    }

    private static string Next(Queue<string> states) => states.Count > 1 ? states.Dequeue() : states.Peek();
}
