using System.Text.Json;

namespace CdcDms.LambdaRuntime;

/// <summary>Answers one invocation.</summary>
/// <param name="input">The event, as the caller sent it.</param>
/// <param name="invocation">What Lambda says about it.</param>
/// <param name="cancellationToken">Fires a little before the deadline, so that there is time to roll back and to report.</param>
/// <returns>The answer, a JSON text.</returns>
public delegate Task<ReadOnlyMemory<byte>> Handler(ReadOnlyMemory<byte> input, Invocation invocation, CancellationToken cancellationToken);

/// <summary>Runs a function on Lambda's Runtime API: next → handle → response or error, one invocation after the other.</summary>
public static class LambdaLoop
{
    private const string TraceIdVariable = "_X_AMZN_TRACE_ID";

    // What a handler needs between its cancellation and the kill: PostgreSQL ends the statement and rolls back, the error is
    // reported. A function whose whole time is short gives a quarter of it.
    private static readonly TimeSpan Reserve = TimeSpan.FromSeconds(2);

    /// <summary>Answers invocations until the Runtime API is gone; Lambda ends an idle environment by killing it.</summary>
    /// <param name="host">Where the Runtime API is, <c>HOST:PORT</c> (<c>AWS_LAMBDA_RUNTIME_API</c>).</param>
    /// <param name="start">The init phase: makes the handler. What it throws is reported as an init error and ends the loop.</param>
    /// <param name="describe">Names a failure for the caller.</param>
    /// <param name="clock">The clock of every invocation. Default: the system's.</param>
    /// <returns>
    /// The exit code, never 0: init failed, or the Runtime API was lost. Neither is tried again, Lambda starts a new environment.
    /// </returns>
    public static async Task<int> RunAsync(
        string host, Func<Handler> start, Func<Exception, FunctionError> describe, TimeProvider? clock = null)
    {
        using var api = new RuntimeApi(host, clock ?? TimeProvider.System);
        try
        {
            if (await StartAsync(api, start, describe) is { } handler)
                while (true)
                    await AnswerNextAsync(api, handler, describe);
        }
        catch (HttpRequestException lost)
        {
            await Console.Error.WriteLineAsync($"The Lambda Runtime API at {host} is lost: {lost.Message}");
        }

        return 1;
    }

    private static async Task<Handler?> StartAsync(RuntimeApi api, Func<Handler> start, Func<Exception, FunctionError> describe)
    {
        try
        {
            return start();
        }
        catch (Exception fault)
        {
            var error = describe(fault);
            await LogAsync("init", error);
            await api.FailInitAsync(error);
            return null;
        }
    }

    private static async Task AnswerNextAsync(RuntimeApi api, Handler handler, Func<Exception, FunctionError> describe)
    {
        var (invocation, input) = await api.NextAsync();
        Environment.SetEnvironmentVariable(TraceIdVariable, invocation.TraceId);
        ReadOnlyMemory<byte> output;
        try
        {
            using var beforeDeadline = new CancellationTokenSource(WorkingTime(invocation.RemainingTime), invocation.Clock);
            output = await handler(input, invocation, beforeDeadline.Token);
        }
        catch (Exception fault)
        {
            var error = describe(fault);
            await LogAsync(invocation.RequestId, error);
            await api.FailAsync(invocation, error);
            return;
        }

        await api.RespondAsync(invocation, output);
    }

    private static TimeSpan WorkingTime(TimeSpan left)
    {
        var quarter = left / 4;
        return left - (quarter < Reserve ? quarter : Reserve);
    }

    // Lambda tells the caller but writes nothing into the function's log; the operator looks there.
    private static Task LogAsync(string requestId, FunctionError error) =>
        Console.Error.WriteLineAsync($"ERROR {requestId} {JsonSerializer.Serialize(error, FunctionErrorJson.Readable.FunctionError)}");
}
