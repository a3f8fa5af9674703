using System.Diagnostics;
using System.Net;
using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Local.LambdaHost;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.LambdaHost;

/// <summary>The Invoke API over processes of the real functions' executable.</summary>
public sealed class LocalLambdaTests(TestServers servers) : IAsyncLifetime
{
    private static readonly HttpClient Http = new();
    private TestDatabase _analytics = null!;
    private string _lake = "";

    public async ValueTask InitializeAsync()
    {
        _analytics = await servers.CreateDatabaseAsync();
        _lake = (await servers.CreateLakeAsync()).ToString();
    }

    public ValueTask DisposeAsync() => _analytics.DisposeAsync();

    [Fact]
    public async Task A_function_answers_again_and_again_in_one_process()
    {
        var log = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var lambda = await LocalLambda.StartAsync(
            [Function("merge", FunctionNames.Merge)], log.Enqueue, CancellationToken.None);

        for (var time = 0; time < 2; time++)
        {
            using var answer = await InvokeAsync(lambda, "merge", MergeInput());
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.False(answer.Headers.Contains("X-Amz-Function-Error"), await answer.Content.ReadAsStringAsync());
            var output = JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(), ContractJson.Default.MergeOutput)!;
            Assert.Equal(("public.people", 0, false), (output.Table, output.Files, output.More));
        }
    }

    [Fact]
    public async Task A_batch_writes_its_metrics_as_one_line_that_CloudWatch_reads()
    {
        var log = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var lambda = await LocalLambda.StartAsync(
            [Function("merge", FunctionNames.Merge)], log.Enqueue, CancellationToken.None);
        using var answer = await InvokeAsync(lambda, "merge", MergeInput());
        await Commands.CommandLine.WaitUntilAsync(() => Task.FromResult(!log.IsEmpty));

        using var line = JsonDocument.Parse(log.Single());
        var directive = line.RootElement.GetProperty("_aws").GetProperty("CloudWatchMetrics")[0];
        Assert.Equal("CdcDms", directive.GetProperty("Namespace").GetString());
        Assert.Equal("""[["Environment"],["Environment","Table"]]""", directive.GetProperty("Dimensions").GetRawText());
        Assert.Equal("public.people", line.RootElement.GetProperty("Table").GetString());
        Assert.All(directive.GetProperty("Metrics").EnumerateArray(), metric =>
            Assert.Equal(JsonValueKind.Number, line.RootElement.GetProperty(metric.GetProperty("Name").GetString()!).ValueKind));
    }

    [Fact]
    public async Task Two_invocations_at_once_run_side_by_side()
    {
        await using var lambda = await LocalLambda.StartAsync([Function("merge", FunctionNames.Merge)], _ => { }, CancellationToken.None);

        var answers = await Task.WhenAll(InvokeAsync(lambda, "merge", MergeInput()), InvokeAsync(lambda, "merge", MergeInput()));

        Assert.All(answers, answer => Assert.False(answer.Headers.Contains("X-Amz-Function-Error")));
    }

    [Fact]
    public async Task An_error_carries_its_type_and_the_header()
    {
        await using var lambda = await LocalLambda.StartAsync([Function("merge", FunctionNames.Merge)], _ => { }, CancellationToken.None);

        Assert.Equal("BadDefinition", await ErrorTypeAsync(lambda, "merge", "{"));
        Assert.Equal("BadDefinition", await ErrorTypeAsync(lambda, "merge", """{"lake":"s3://x"}"""));
        Assert.Equal(
            "Unavailable",
            await ErrorTypeAsync(lambda, "merge", MergeInput().Replace(_lake, "s3://no-such-bucket", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_failed_init_a_crash_and_a_timeout_are_told_apart()
    {
        var crashing = Function("crashing", FunctionNames.Merge) with { BundleFolder = AppContext.BaseDirectory, Handler = "CdcDms.Local" };
        var hanging = crashing with { Name = "hanging", Handler = "CdcDms.ServicesProgram", TimeoutSeconds = 1 };
        await using var lambda = await LocalLambda.StartAsync(
            [Function("unknown", "no-such-function"), crashing, hanging], _ => { }, CancellationToken.None);

        Assert.Equal("BadDefinition", await ErrorTypeAsync(lambda, "unknown", "{}"));
        Assert.Equal("Runtime.ExitError", await ErrorTypeAsync(lambda, "crashing", "{}"));
        Assert.Equal("Sandbox.Timedout", await ErrorTypeAsync(lambda, "hanging", "{}"));
    }

    [Fact]
    public async Task A_function_that_is_not_there_is_404()
    {
        await using var lambda = await LocalLambda.StartAsync([], _ => { }, CancellationToken.None);
        using var answer = await InvokeAsync(lambda, "nobody", "{}");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("ResourceNotFoundException", answer.Headers.GetValues("X-Amzn-Errortype").Single());
    }

    [Fact]
    public async Task A_host_that_ends_ends_the_functions_that_work()
    {
        var log = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var lambda = await LocalLambda.StartAsync([WaitingForDebugger()], log.Enqueue, CancellationToken.None);
        var answering = Http.PostAsync(
            new Uri(lambda.Endpoint, "2015-03-31/functions/merge/invocations"), new StringContent(MergeInput()));
        await Commands.CommandLine.WaitUntilAsync(() => Task.FromResult(!log.IsEmpty));
        using var process = Process.GetProcessById(
            int.Parse(log.Single().TrimEnd('.').Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture));

        await lambda.DisposeAsync();

        Assert.True(process.HasExited);
        using var answer = await answering;
        Assert.Contains("Runtime.ExitError", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_in_the_middle_of_a_request_hears_that_the_function_ended_with_its_host()
    {
        var lambda = await LocalLambda.StartAsync([Function("merge", FunctionNames.Merge)], _ => { }, CancellationToken.None);
        // The host asks for the body ("100 Continue") once it reads the request; before, it need not know of the caller.
        using var http = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = Timeout.InfiniteTimeSpan });
        using var input = new HaltingContent(MergeInput());
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(lambda.Endpoint, "2015-03-31/functions/merge/invocations"))
        {
            Content = input,
        };
        request.Headers.ExpectContinue = true;
        var answering = http.SendAsync(request);
        await input.Halted;

        var ending = lambda.DisposeAsync();
        input.GoOn();

        using var answer = await answering;
        await ending;
        Assert.Contains("Runtime.ExitError", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_function_that_shall_wait_for_a_debugger_tells_its_process_and_takes_no_invocation_before()
    {
        var log = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var lambda = await LocalLambda.StartAsync([WaitingForDebugger()], log.Enqueue, CancellationToken.None);
        using var given = new CancellationTokenSource();
        var answering = Http.PostAsync(
            new Uri(lambda.Endpoint, "2015-03-31/functions/merge/invocations"), new StringContent(MergeInput()), given.Token);

        await Commands.CommandLine.WaitUntilAsync(() => Task.FromResult(!log.IsEmpty));

        Assert.StartsWith("The function merge waits for a debugger: attach one to process ", log.Single(), StringComparison.Ordinal);
        Assert.False(answering.IsCompleted);
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answering);
    }

    private LocalFunction WaitingForDebugger()
    {
        var merge = Function("merge", FunctionNames.Merge);
        return merge with
        {
            Environment = new Dictionary<string, string>(merge.Environment) { [FunctionEnvironment.WaitForDebugger] = FunctionNames.Merge },
        };
    }

    private string MergeInput() => JsonSerializer.Serialize(
        new MergeInput
        {
            Lake = _lake,
            Table = new TableDefinition
            {
                Schema = "public",
                Name = "people",
                Target = "analytics.people",
                Key = ["id"],
                Columns = [new() { From = "id", To = "id", Type = "integer" }],
            },
        },
        ContractJson.Default.MergeInput);

    private LocalFunction Function(string name, string function) => new()
    {
        Name = name,
        BundleFolder = FunctionsBundle.Folder,
        Handler = "CdcDms.Functions",
        TimeoutSeconds = 60,
        MemoryMegabytes = 512,
        Environment = new Dictionary<string, string>
        {
            [FunctionEnvironment.Function] = function,
            [FunctionEnvironment.Target] = _analytics.ConnectionString,
            [FunctionEnvironment.S3Endpoint] = servers.S3Server.Endpoint.ToString(),
            ["AWS_ACCESS_KEY_ID"] = servers.S3Server.AccessKeyId,
            ["AWS_SECRET_ACCESS_KEY"] = servers.S3Server.SecretAccessKey,
        },
    };

    private static Task<HttpResponseMessage> InvokeAsync(LocalLambda lambda, string name, string input) =>
        Http.PostAsync(new Uri(lambda.Endpoint, $"2015-03-31/functions/{name}/invocations"), new StringContent(input));

    private static async Task<string?> ErrorTypeAsync(LocalLambda lambda, string name, string input)
    {
        using var answer = await InvokeAsync(lambda, name, input);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.Headers.Contains("X-Amz-Function-Error"), body);
        return JsonDocument.Parse(body).RootElement.GetProperty("errorType").GetString();
    }
}
