using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Lake;
using CdcDms.Local.LambdaHost;
using CdcDms.Local.Tests.Remote;
using CdcDms.Local.Workflow;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CdcDms.Local.Tests.Workflow;

/// <summary>
/// The state machines of an environment over answers in place of its functions: for what a function answers, or AWS refuses, too rarely
/// to be had.
/// </summary>
internal sealed class AnsweredWorkflow
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<Answer>> _answers = new();

    /// <summary>The environment whose state machines are run.</summary>
    public string Environment { get; init; } = "dev";

    /// <summary>Whether a run of the Spark job fails. Default: it reads 10 changes and leaves 4.</summary>
    public bool SparkFails { get; set; }

    /// <summary>What runs of the Spark job have read and left.</summary>
    public List<(long Read, long Left)> Reduced { get; } = [];

    /// <summary>The states, one after the other.</summary>
    public List<string> States { get; } = [];

    /// <summary>The messages to people.</summary>
    public List<string> Told { get; } = [];

    /// <summary>The metrics in which something was counted.</summary>
    public List<string> Counted { get; } = [];

    /// <summary>The status of each stack, in CloudFormation's words, by its name; of others AWS says nothing. Default: none.</summary>
    public Dictionary<string, string> Stacks { get; } = [];

    /// <summary>Changes a state machine's definition, by its name, before it runs. Default: nothing is changed.</summary>
    public Action<string, JsonObject> Changed { get; init; } = (_, _) => { };

    /// <summary>A table with the key <c>id</c>.</summary>
    public const string Orders = """{"schema":"public","name":"orders","target":"analytics.orders","key":["id"]}""";

    /// <summary>No group of a load waits.</summary>
    public static Answer NoGroups { get; } = Planned();

    /// <summary>Enough waits for Spark.</summary>
    /// <param name="more">Whether it is more than one plan takes.</param>
    public static Answer PlannedForSpark(bool more) => Of(
        new PlanOutput { SnapshotGroups = [], ChangesWait = true, SparkPlan = "s3://lake/plan.json", MoreForSpark = more },
        ContractJson.Default.PlanOutput);

    /// <summary>Everything that waited is merged.</summary>
    public static Answer Merged { get; } = Of(Merge(more: false), ContractJson.Default.MergeOutput);

    /// <summary>Merged, and more waits.</summary>
    public static Answer MergedSome { get; } = Of(Merge(more: true), ContractJson.Default.MergeOutput);

    /// <summary>Another execution merges the table.</summary>
    public static Answer Left { get; } = Of(Merge(more: false) with { LeftAlone = "Others do." }, ContractJson.Default.MergeOutput);

    /// <summary>AWS refuses the call, and does not say why.</summary>
    public static Answer RefusedWithoutAWord { get; } = new(403, "AccessDeniedException", "{}");

    /// <summary>AWS refuses the call.</summary>
    public static Answer Refused { get; } = new(403, "AccessDeniedException", """{"Message":"not yours"}""");

    /// <summary>The function fails with a sentence that nothing tries again.</summary>
    public static Answer Failed { get; } =
        new(200, "", """{"errorType":"BadData","errorMessage":"A sentence."}""", IsFunctionError: true);

    /// <summary>An answer, or a failure.</summary>
    public sealed record Answer(int Status, string ErrorType, string Body, bool IsFunctionError = false);

    /// <summary>Groups of a load wait, each of one file.</summary>
    public static Answer Planned(params string[] files) => Of(
        new PlanOutput
        {
            SnapshotGroups = [.. files.Select(file => new FileGroup { Files = [new LakeObject(file, "\"e\"", DateTime.UnixEpoch, 1)] })],
            ChangesWait = true,
        },
        ContractJson.Default.PlanOutput);

    /// <summary>What the function <c>prove</c> answers about orders.</summary>
    public static Answer Proven(ComparisonMore more, string? incomplete = null) => Of(
        new ProveOutput { Table = "public.orders", Keys = 3, More = more, Incomplete = incomplete }, ContractJson.Default.ProveOutput);

    /// <summary>What the function <c>reload</c> answers.</summary>
    public static Answer Load(bool isLoaded) => Of(
        new ReloadOutput { Loaded = isLoaded, WaitSeconds = 1, WaitedSeconds = 1, Before = new TableLoad { State = "Table completed" } },
        ContractJson.Default.ReloadOutput);

    /// <summary>What a function answers, call by call; the last answer stays.</summary>
    public void Answers(string function, params Answer[] answers) => _answers[function] = new(answers);

    /// <summary>Runs a state machine of the batch stack.</summary>
    /// <param name="start">Chooses it.</param>
    /// <param name="input">Its input, JSON.</param>
    public async Task<WorkflowResult> RunAsync(Func<SynthesizedWorkflow, string> start, string input)
    {
        await using var lambda = LoopbackWeb.Create();
        lambda.MapPost("/2015-03-31/functions/{name}/invocations", (HttpContext http, string name) => Reply(http, _answers[name]));
        lambda.MapPost("/spark", () => SparkFails
            ? Results.Text("no workers", statusCode: StatusCodes.Status500InternalServerError)
            : Results.Text("""{"read":10,"left":4}""", "application/json"));
        await lambda.StartAsync(TestContext.Current.CancellationToken);
        await using var aws = await AwsStandIn.StartAsync((target, body) => OfAws(target, JsonNode.Parse(body)!));
        var dev = await SynthesizedMachine.FolderAsync();
        var workflow = new SynthesizedWorkflow(Environment == "dev" ? dev : SharedWorkflow.Folder(dev), Environment);
        var machines = new JsonObject();
        foreach (var (name, definition) in workflow.Machines)
        {
            var machine = (JsonObject)definition.DeepClone();
            Changed(name, machine);
            machines[name] = machine;
        }

        return await WorkflowProcess.RunAsync(
            new JsonObject
            {
                ["machines"] = machines,
                ["start"] = start(workflow),
                ["input"] = JsonNode.Parse(input),
                ["lambda"] = lambda.Urls.First(),
                ["spark"] = new Uri(new Uri(lambda.Urls.First()), "spark").ToString(),
                ["dms"] = aws.Url.ToString(),
                ["waitMilliseconds"] = 1,
            },
            happened =>
            {
                if (happened is StateEntered entered)
                    States.Add(entered.State);
                else if (happened is PeopleTold told)
                    Told.Add(told.Message);
                else if (happened is ChangesReduced reduced)
                    Reduced.Add((reduced.Read, reduced.Left));
            },
            CancellationToken.None);
    }

    private (int Status, string Code, string Body) OfAws(string target, JsonNode body)
    {
        if (target.EndsWith(".PutMetricData", StringComparison.Ordinal))
        {
            Counted.Add(body["MetricData"]![0]!["MetricName"]!.GetValue<string>());
            return (200, "", "{}");
        }

        return body["StackName"] is { } stack && Stacks.TryGetValue(stack.GetValue<string>(), out var status)
            ? (200, "", $$"""{"Stacks":[{"StackStatus":"{{status}}"}]}""")
            : (400, "", """{"__type":"Throttling","message":"Rate exceeded"}""");
    }

    private static IResult Reply(HttpContext http, ConcurrentQueue<Answer> answers)
    {
        if (answers.Count == 1 || !answers.TryDequeue(out var answer))
            answers.TryPeek(out answer);
        if (answer!.ErrorType.Length > 0)
            http.Response.Headers["x-amzn-errortype"] = answer.ErrorType;
        if (answer.IsFunctionError)
            http.Response.Headers["x-amz-function-error"] = "Unhandled";
        return Results.Text(answer.Body, "application/json", statusCode: answer.Status);
    }

    private static MergeOutput Merge(bool more) =>
        new() { Table = "public.orders", Files = 1, Bytes = 1, Rows = new RowCounts(), More = more };

    private static Answer Of<T>(T output, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        new(200, "", JsonSerializer.Serialize(output, type));
}
