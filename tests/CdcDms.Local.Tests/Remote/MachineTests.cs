using System.Text.Json.Nodes;
using CdcDms.Local.Tests.Commands;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Remote;

/// <summary>Verbs that start a state machine of an environment and follow it, over the API's own JSON.</summary>
public sealed class MachineTests(TestServers servers)
{
    private const string Execution = "arn:aws:states:eu-central-1:111122223333:execution:x:1";
    private readonly List<JsonNode> _started = [];
    private readonly JsonArray _deployed = JsonNode.Parse(Repository.Read("infra", "Environments", "dev.json"))!["tables"]!.AsArray();
    private int _looks;

    [Fact]
    public async Task Reload_starts_the_machine_with_the_deployed_definitions_and_follows_it_to_its_end()
    {
        _deployed[1]!["tombstoneRetentionDays"] = 60;
        await using var states = await StatesAsync("""{"status":"SUCCEEDED","output":"{}"}""");

        var (exitCode, output, errors) = await RunAsync(states, "reload", "--env", "dev", "--table", "public.orders");

        Assert.Equal(
            (0, "public.orders: loaded again and merged; the next merges judge what differs, and repair it."), (exitCode, output.Trim()));
        Assert.StartsWith("dev.json defines public.orders otherwise than dev as deployed", errors, StringComparison.Ordinal);
        Assert.Contains($"{Execution} was started", errors, StringComparison.Ordinal);
        var started = Assert.Single(_started);
        Assert.Equal(
            "arn:aws:states:eu-central-1:111122223333:stateMachine:cdcdms-dev-reload", started["stateMachineArn"]!.GetValue<string>());
        var table = Assert.Single(JsonNode.Parse(started["input"]!.GetValue<string>())!["tables"]!.AsArray())!;
        Assert.Equal(("orders", 60), (table["name"]!.GetValue<string>(), table["tombstoneRetentionDays"]!.GetValue<int>()));
        Assert.Equal(_deployed[1]!["columns"]!.ToJsonString(), table["columns"]!.ToJsonString());
        Assert.Equal(3, _looks);
    }

    [Fact]
    public async Task An_execution_that_fails_is_told_with_its_error_and_cause_and_exit_code_1()
    {
        await using var states = await StatesAsync(
            """{"status":"FAILED","error":"ReplicationStandsStill","cause":"The replication was resumed and stopped again"}""");

        var (exitCode, output, errors) = await RunAsync(states, "restart", "--env", "dev", "--json");

        Assert.Equal(1, exitCode);
        Assert.Contains(
            "cdcdms-dev-restart ended as FAILED: ReplicationStandsStill: The replication was resumed and stopped again", errors,
            StringComparison.Ordinal);
        Assert.StartsWith("""{"failure":"cdcdms-dev-restart ended as FAILED""", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_shows_what_the_machine_has_found_and_exit_code_1_says_that_somebody_must_look_now()
    {
        var report = """
            {"checkedUtc":"2026-11-28T06:00:00Z","healthy":false,"runbookPage":"https://wiki.example.com/runbook",
            "secrets":[{"database":"source","changedUtc":"2026-11-18T06:00:00Z","rotationDueUtc":"2026-12-18T06:00:00Z"}],
            "findings":[{"severity":"critical","runbook":"tables-not-replicating",
            "table":"public.orders","reason":"DMS does not replicate public.orders: its state is 'Table error'."}],"certificates":[],
            "replication":{"name":"task cdcdms-dev-g1","status":"running","runs":true,"tables":2,"loading":0,"tablesNotReplicating":1,
            "notReplicating":[{"table":"public.orders","state":"Table error"}],"changes":{"inserts":1,"updates":2,"deletes":3,"ddls":0}},
            "tables":[{"table":"public.orders","target":"analytics.orders","state":"replicating","waitsTooLong":false,"quarantined":0,
            "filesUnreadable":0}]}
            """.ReplaceLineEndings("");
        await using var states = await StatesAsync(new JsonObject { ["status"] = "SUCCEEDED", ["output"] = report }.ToJsonString());

        var (exitCode, output, _) = await RunAsync(states, "health", "--env", "dev");

        Assert.Equal(1, exitCode);
        Assert.EndsWith(
            ":stateMachine:cdcdms-dev-health", Assert.Single(_started)["stateMachineArn"]!.ToString(), StringComparison.Ordinal);
        Assert.Contains(
            "its state is 'Table error'. Runbook: https://wiki.example.com/runbook#tables-not-replicating",
            output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Contains(
            "The secret of the source database was changed 10 days ago, and is to be rotated by 2026-12-18 06:00:00 (UTC).",
            output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Contains("DMS: the task cdcdms-dev-g1 is running, with 2 tables", output.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_is_lost_does_not_end_the_following()
    {
        await using var states = await AwsStandIn.StartAsync((operation, _) =>
            operation == "AWSStepFunctions.StartExecution" ? (200, "", $$"""{"executionArn":"{{Execution}}","startDate":1795370000.1}""")
            : ++_looks < 3 ? (500, "", """{"__type":"InternalServerError","message":"away"}""")
            : (200, "", """{"status":"SUCCEEDED","output":"{}"}"""));

        var (exitCode, _, _) = await RunAsync(states, "restart", "--env", "dev");

        Assert.Equal((0, 3), (exitCode, _looks));
    }

    [Fact]
    public async Task A_machine_that_is_not_there_is_told_as_such()
    {
        await using var states = await AwsStandIn.StartAsync(
            (_, _) => (400, "", """{"__type":"StateMachineDoesNotExist","message":"State Machine Does Not Exist"}"""));

        var (exitCode, _, errors) = await RunAsync(states, "restart", "--env", "dev");

        Assert.Equal(1, exitCode);
        Assert.StartsWith(
            "There is no state machine cdcdms-dev-restart in the account 111122223333, eu-central-1: deploy the environment", errors,
            StringComparison.Ordinal);
    }

    // The function tells the deployed definitions. An execution is not known at first, then runs, and then ends so.
    private Task<AwsStandIn> StatesAsync(string end) => AwsStandIn.StartAsync((operation, body) =>
    {
        if (operation.EndsWith("/invocations", StringComparison.Ordinal))
            return (200, "", $$$"""{"report":"here","json":{"tables":{{{_deployed.ToJsonString()}}},"faults":[]}}""");
        if (operation == "AWSStepFunctions.StartExecution")
        {
            _started.Add(JsonNode.Parse(body)!);
            return (200, "", $$"""{"executionArn":"{{Execution}}","startDate":1795370000.1}""");
        }

        return ++_looks switch
        {
            1 => (400, "", """{"__type":"ExecutionDoesNotExist","message":"Execution Does Not Exist"}"""),
            2 => (200, "", """{"status":"RUNNING"}"""),
            _ => (200, "", end),
        };
    });

    private async Task<(int ExitCode, string Output, string Errors)> RunAsync(AwsStandIn states, params string[] arguments)
    {
        using var command = CommandLine.Start(
            servers,
            new Dictionary<string, string?>
            {
                ["AWS_ENDPOINT_URL_SFN"] = states.Url.ToString(),
                ["AWS_ENDPOINT_URL_LAMBDA"] = states.Url.ToString(),
            },
            arguments);
        return await command.EndAsync();
    }
}
