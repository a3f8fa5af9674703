using System.Text.Json.Nodes;
using CdcDms.Contract.Functions;
using CdcDms.Local.Services;
using CdcDms.Local.Tests.Remote;
using CdcDms.Local.Workflow;

namespace CdcDms.Local.Tests.Workflow;

/// <summary>The state machine that stops and resumes the replication, over DMS's own words for its state.</summary>
public sealed class RestartMachineTests
{
    private const string Look = "DescribeReplications";
    private const string Stop = "StopReplication";
    private const string Start = "StartReplication";

    private readonly List<string> _calls = [];
    private int _refusedStops;

    [Fact]
    public async Task A_replication_that_runs_is_stopped_and_resumed_once_it_has_stopped()
    {
        await SucceedsAsync("running", "running", "stopping", "stopped", "starting", "running");

        Assert.Equal([Look, Stop, Look, Look, Look, Start, Look, Look], _calls);
    }

    [Theory]
    [InlineData("stopped")]
    [InlineData("failed")]
    public async Task One_that_stands_still_is_resumed(string status)
    {
        await SucceedsAsync(status, "running");

        Assert.Equal([Look, Start, Look], _calls);
    }

    [Fact]
    public async Task One_that_is_between_two_states_is_waited_for()
    {
        await SucceedsAsync("modifying", "running", "failed", "running");

        Assert.Equal([Look, Look, Stop, Look, Start, Look], _calls);
    }

    [Fact]
    public async Task One_that_stops_again_fails_the_restart_and_is_not_resumed_twice()
    {
        var failed = (await RunAsync("running", "stopped", "starting", "failed"))["failed"]!;

        Assert.Equal("ReplicationStandsStill", failed["error"]!.GetValue<string>());
        Assert.Contains("docs/runbook.md#replication-stopped", failed["cause"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Single(_calls, Start);
    }

    [Theory]
    [InlineData("ready")]
    [InlineData("created")]
    public async Task One_that_was_never_started_is_left_to_a_deployment(string status)
    {
        Assert.Equal("NeverStarted", (await RunAsync(status))["failed"]!["error"]!.GetValue<string>());

        Assert.Equal([Look], _calls);
    }

    [Fact]
    public async Task A_stop_that_DMS_refuses_for_now_is_asked_for_again()
    {
        _refusedStops = 2;

        await SucceedsAsync("running", "stopped", "running");

        Assert.Equal([Look, Stop, Stop, Stop, Look, Start, Look], _calls);
    }

    /// <summary>Runs it by the interpreter; each look shows the next state, and the last one stays.</summary>
    /// <returns>The interpreter's last word.</returns>
    private async Task<JsonNode> RunAsync(params string[] statuses)
    {
        var left = new Queue<string>(statuses);
        await using var dms = await AwsStandIn.StartAsync((target, _) =>
        {
            var operation = target.Split('.')[1];
            _calls.Add(operation);
            if (operation == Stop && _refusedStops-- > 0)
                return (400, "", """{"__type":"InvalidResourceStateFault","message":"not now"}""");
            var status = operation == Look && left.Count > 1 ? left.Dequeue() : left.Peek();
            return (200, "", $$"""{"Replications":[{"Status":"{{status}}"}]}""");
        });
        var name = WorkflowNames.RestartWorkflow("dev");
        var folder = await Synthesis.FolderAsync("dev", new Progress<string>(), CancellationToken.None);
        using var node = NodeProcess.Start("The test needs", "Workflow/run.mjs");
        await node.StandardInput.WriteLineAsync(new JsonObject
        {
            ["machines"] = new JsonObject { [name] = Definition(folder, name) },
            ["start"] = name,
            ["input"] = new JsonObject(),
            ["dms"] = dms.Url.ToString(),
            ["waitMilliseconds"] = 1,
        }.ToJsonString());
        await node.StandardInput.FlushAsync();
        JsonNode? last = null;
        while (await node.StandardOutput.ReadLineAsync() is { } line)
            last = JsonNode.Parse(line);
        await node.WaitForExitAsync();
        return last!;
    }

    private async Task SucceedsAsync(params string[] statuses)
    {
        var ended = await RunAsync(statuses);
        Assert.True(ended["succeeded"] is not null, ended.ToJsonString());
    }

    private static JsonNode Definition(string folder, string name)
    {
        var template = File.ReadAllText(Path.Combine(folder, $"{WorkflowNames.ReplicationStack("dev")}.template.json"));
        var machine = JsonNode.Parse(template)!["Resources"]!.AsObject().Select(resource => resource.Value!["Properties"])
            .Single(properties => properties?["StateMachineName"]?.GetValue<string>() == name)!;
        return JsonNode.Parse(string.Concat(machine["DefinitionString"]!["Fn::Join"]![1]!.AsArray().Select(part =>
            part is JsonValue text ? text.GetValue<string>() : "aws")))!;
    }
}
