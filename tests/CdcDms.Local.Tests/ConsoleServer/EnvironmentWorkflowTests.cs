using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using CdcDms.Local.Tests.Remote;

namespace CdcDms.Local.Tests.ConsoleServer;

/// <summary>The workflow in the console of an environment on AWS: of what Step Functions tells, over its own JSON.</summary>
public sealed class EnvironmentWorkflowTests
{
    private const string Batch = "cdcdms-dev-batch";
    private const string Table = "cdcdms-dev-batch-table";

    private readonly ConcurrentQueue<(string Operation, JsonNode Body)> _asked = [];

    [Fact]
    public async Task Machines_and_executions_of_an_environment_are_told_with_their_way_and_one_look_serves_all()
    {
        await using var states = await StatesAsync(Answer);
        using var console = await StartAsync(states);
        using var browser = await ConsoleFixture.BrowserAsync(console.Address);

        var (_, workflow) = await AskAsync(browser, "/api/workflow");
        var (_, again) = await AskAsync(browser, "/api/workflow/executions");
        var (_, failed) = await AskAsync(browser, $"/api/workflow/executions/{Table}:one");
        var unknown = await AskAsync(browser, "/api/workflow/executions/another:one");
        var gone = await AskAsync(browser, $"/api/workflow/executions/{Table}:gone");

        // Of six machines dev has two here.
        Assert.Equal([Batch, Table], workflow["machines"]!.AsArray().Select(machine => machine!["name"]!.GetValue<string>()));
        Assert.Equal(Table, workflow["machines"]![0]!["states"]![0]!["calls"]!.GetValue<string>());
        Assert.Equal("cdcdms-dev-merge", workflow["machines"]![1]!["states"]![0]!["calls"]!.GetValue<string>());
        Assert.Equal(
            [$"{Table}:one failed The lake is away.", $"{Batch}:two running ", $"{Batch}:old succeeded "],
            again["executions"]!.AsArray().Select(one => $"{one!["id"]} {one["outcome"]} {one["cause"]}"));
        Assert.Equal(workflow["executions"]!.ToJsonString(), again["executions"]!.ToJsonString());
        Assert.Equal("MergeTable", again["executions"]![1]!["now"]![0]!["state"]!.GetValue<string>());
        Assert.Equal(
            ("public.orders", "Merge", "The lake is away."),
            (Text(failed, "table"), Text(failed, "state"), Text(failed, "cause")));
        Assert.Equal((404, 404), (unknown.Status, gone.Status));
        Assert.Equal(6, _asked.Count(call => call.Operation == "ListExecutions"));
        Assert.All(
            _asked.Where(call => call.Operation == "GetExecutionHistory"),
            call => Assert.False(call.Body["includeExecutionData"]!.GetValue<bool>()));
    }

    [Fact]
    public async Task A_right_that_is_missing_is_one_sentence()
    {
        await using var states = await StatesAsync((_, _) => (
            400, """{"__type":"AccessDeniedException","message":"User: arn:aws:sts::111122223333:assumed-role/x/y is not authorized."}"""));
        using var console = await StartAsync(states);
        using var browser = await ConsoleFixture.BrowserAsync(console.Address);

        var (status, answer) = await AskAsync(browser, "/api/workflow/executions");

        Assert.Equal(503, status);
        Assert.EndsWith(
            "is not authorized; ask for a role that may do states:ListExecutions with it.", answer["failure"]!.GetValue<string>(),
            StringComparison.Ordinal);
    }

    private static string Text(JsonNode course, string word) => course["failures"]![0]![word]!.GetValue<string>();

    private static (int Status, string Body) Answer(string operation, JsonNode body)
    {
        var machine = (body["stateMachineArn"] ?? body["executionArn"])!.GetValue<string>().Split(':')[6];
        var name = body["executionArn"]?.GetValue<string>().Split(':')[7];
        return (operation, machine, name) switch
        {
            ("DescribeStateMachine", Batch, _) => Definition("states:startExecution.sync:2", "StateMachineArn", $"stateMachine:{Table}"),
            ("DescribeStateMachine", Table, _) => Definition("lambda:invoke", "FunctionName", "function:cdcdms-dev-merge:7"),
            ("ListExecutions", Batch, _) => (200, """
                {"executions":[{"name":"two","status":"RUNNING","startDate":1795370002.5},
                {"name":"old","status":"SUCCEEDED","startDate":1795360002,"stopDate":1795360009.25}],"nextToken":"more"}
                """),
            ("ListExecutions", Table, _) => (200, """
                {"executions":[{"name":"one","status":"FAILED","startDate":1795370003,"stopDate":1795370004}]}
                """),
            ("DescribeExecution", Batch, "two") => (200, """{"name":"two","status":"RUNNING","startDate":1795370002.5,"input":"{}"}"""),
            ("DescribeExecution", Table, "one") => (200, """
                {"name":"one","status":"FAILED","startDate":1795370003,"stopDate":1795370004,"error":"Unavailable",
                "cause":"{\"errorMessage\":\"The lake is away.\"}","input":"{\"table\":{\"schema\":\"public\",\"name\":\"orders\"}}"}
                """),
            ("DescribeExecution", _, _) => (400, """{"__type":"ExecutionDoesNotExist","message":"Execution Does Not Exist"}"""),
            ("GetExecutionHistory", Batch, _) => (200, """
                {"events":[{"timestamp":1795370002.6,"type":"TaskStateEntered","id":2,"previousEventId":1,
                "stateEnteredEventDetails":{"name":"MergeTable"}}]}
                """),
            ("GetExecutionHistory", _, _) when body["nextToken"] is null => (200, """
                {"events":[{"timestamp":1795370003.9,"type":"TaskFailed","id":3,"previousEventId":2,
                "taskFailedEventDetails":{"error":"Unavailable","cause":"{\"errorMessage\":\"The lake is away.\"}"}}],"nextToken":"older"}
                """),
            ("GetExecutionHistory", _, _) => (200, """
                {"events":[{"timestamp":1795370003.1,"type":"TaskStateEntered","id":2,"previousEventId":1,
                "stateEnteredEventDetails":{"name":"Merge"}}]}
                """),
            _ => (400, """{"__type":"StateMachineDoesNotExist","message":"State Machine Does Not Exist"}"""),
        };
    }

    private static (int Status, string Body) Definition(string resource, string word, string called) => (200, new JsonObject
    {
        ["definition"] = $$$"""
            {"StartAt":"Call","States":{"Call":{"Type":"Task","Resource":"arn:aws:states:::{{{resource}}}","End":true,
            "Parameters":{"{{{word}}}":"arn:aws:lambda:eu-central-1:111122223333:{{{called}}}"} } } }
            """,
    }.ToJsonString());

    private Task<AwsStandIn> StatesAsync(Func<string, JsonNode, (int Status, string Body)> answer) =>
        AwsStandIn.StartAsync((target, text) =>
        {
            var (operation, body) = (target.Split('.')[^1], JsonNode.Parse(text)!);
            _asked.Enqueue((operation, body));
            var (status, answered) = answer(operation, body);
            return (status, "", answered);
        });

    private static Task<ConsoleProcess> StartAsync(AwsStandIn states) => ConsoleProcess.StartAsync(
        new Dictionary<string, string>
        {
            ["AWS_ENDPOINT_URL_SFN"] = states.Url.ToString(),
            ["AWS_ACCESS_KEY_ID"] = "a",
            ["AWS_SECRET_ACCESS_KEY"] = "b",
        },
        "--env", "dev");

    private static Task<(int Status, JsonObject Answer)> AskAsync(HttpClient browser, string path) =>
        ConsoleFixture.AskAsync(browser, path);
}
