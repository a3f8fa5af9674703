using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CdcDms.Local.LambdaHost;

/// <summary>Lambda's Runtime API, version 2018-06-01, for one process (AWS: Using the Lambda runtime API for custom runtimes).</summary>
internal sealed class RuntimeApiServer : IAsyncDisposable
{
    private readonly Channel<Pending> _waiting = Channel.CreateUnbounded<Pending>();
    private readonly ConcurrentDictionary<string, Pending> _running = new();
    private readonly WebApplication _web;

    private RuntimeApiServer(WebApplication web) => _web = web;

    /// <summary>Host and port.</summary>
    public string Address => new Uri(_web.Urls.First()).Authority;

    /// <summary>What the process reported when it could not start; null while it has not.</summary>
    public InvocationAnswer? InitError { get; private set; }

    /// <summary>Starts it on a free port.</summary>
    public static async Task<RuntimeApiServer> StartAsync()
    {
        var web = LoopbackWeb.Create();
        var server = new RuntimeApiServer(web);
        web.MapGet("/2018-06-01/runtime/invocation/next", server.NextAsync);
        web.MapPost(
            "/2018-06-01/runtime/invocation/{id}/response", (string id, HttpContext http) => server.AnswerAsync(id, http, isError: false));
        web.MapPost(
            "/2018-06-01/runtime/invocation/{id}/error", (string id, HttpContext http) => server.AnswerAsync(id, http, isError: true));
        web.MapPost("/2018-06-01/runtime/init/error", (Delegate)server.FailInitAsync);
        await web.StartAsync();
        return server;
    }

    /// <summary>Hands an invocation to the process and waits for its answer.</summary>
    public async Task<InvocationAnswer> InvokeAsync(string requestId, string functionArn, ReadOnlyMemory<byte> input, DateTime deadlineUtc)
    {
        var pending = new Pending(
            requestId,
            functionArn,
            input,
            deadlineUtc,
            new TaskCompletionSource<InvocationAnswer>(TaskCreationOptions.RunContinuationsAsynchronously));
        await _waiting.Writer.WriteAsync(pending);
        return await pending.Answer.Task;
    }

    private async Task NextAsync(HttpContext http)
    {
        var pending = await _waiting.Reader.ReadAsync(http.RequestAborted);
        _running[pending.RequestId] = pending;
        var headers = http.Response.Headers;
        headers["Lambda-Runtime-Aws-Request-Id"] = pending.RequestId;
        var deadline = new DateTimeOffset(pending.DeadlineUtc).ToUnixTimeMilliseconds();
        headers["Lambda-Runtime-Deadline-Ms"] = deadline.ToString(CultureInfo.InvariantCulture);
        headers["Lambda-Runtime-Invoked-Function-Arn"] = pending.FunctionArn;
        http.Response.ContentType = "application/json";
        await http.Response.Body.WriteAsync(pending.Input);
    }

    private async Task<IResult> AnswerAsync(string id, HttpContext http, bool isError)
    {
        var body = await LoopbackWeb.BodyAsync(http);
        if (!_running.TryRemove(id, out var pending))
            return Results.Json(new { errorType = "InvalidRequestID", errorMessage = $"No invocation {id} is running." }, statusCode: 400);
        pending.Answer.SetResult(new InvocationAnswer(body, isError));
        return Results.Accepted();
    }

    private async Task<IResult> FailInitAsync(HttpContext http)
    {
        InitError = new InvocationAnswer(await LoopbackWeb.BodyAsync(http), IsError: true);
        return Results.Accepted();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _web.DisposeAsync();

    private sealed record Pending(
        string RequestId,
        string FunctionArn,
        ReadOnlyMemory<byte> Input,
        DateTime DeadlineUtc,
        TaskCompletionSource<InvocationAnswer> Answer);
}
