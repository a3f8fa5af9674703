using System.Text.Json.Nodes;
using CdcDms.Contract.Functions;
using CdcDms.Local.Services;
using CdcDms.Local.Tests.Remote;
using CdcDms.Local.Workflow;

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
        var folder = await Synthesis.FolderAsync("dev", new Progress<string>(), CancellationToken.None);
        using var node = NodeProcess.Start("The test needs", "Workflow/run.mjs");
        await node.StandardInput.WriteLineAsync(new JsonObject
        {
            ["machines"] = new JsonObject { [machine] = Definition(folder, machine) },
            ["start"] = machine,
            ["input"] = new JsonObject(),
            ["dms"] = aws.Url.ToString(),
            ["waitMilliseconds"] = 1,
        }.ToJsonString());
        await node.StandardInput.FlushAsync();
        JsonNode? last = null;
        while (await node.StandardOutput.ReadLineAsync() is { } line)
            last = JsonNode.Parse(line);
        await node.WaitForExitAsync();
        return last!;
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
        if (operation == "DescribeStacks")
            return (200, "", $$"""{"Stacks":[{"StackStatus":"{{Next(stack)}}"}]}""");
        var status = operation == "DescribeReplications" ? Next(replication) : replication.Peek();
        var position = HasWorked ? ",\"RecoveryCheckpoint\":\"checkpoint:V1#1\"" : "";
        return (200, "", $$"""{"Replications":[{"Status":"{{status}}"{{position}}{{More}}}]}""");
    }

    private static string Next(Queue<string> states) => states.Count > 1 ? states.Dequeue() : states.Peek();

    private static JsonNode Definition(string folder, string name)
    {
        var template = File.ReadAllText(Path.Combine(folder, $"{WorkflowNames.ReplicationStack("dev")}.template.json"));
        var machine = JsonNode.Parse(template)!["Resources"]!.AsObject().Select(resource => resource.Value!["Properties"])
            .Single(properties => properties?["StateMachineName"]?.GetValue<string>() == name)!;
        return JsonNode.Parse(string.Concat(machine["DefinitionString"]!["Fn::Join"]![1]!.AsArray().Select(part =>
            part is JsonValue text ? text.GetValue<string>() : "aws")))!;
    }
}
