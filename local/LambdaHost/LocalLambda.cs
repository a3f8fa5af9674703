using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CdcDms.Local.LambdaHost;

/// <summary>
/// Lambda's Invoke API on loopback: <c>POST /2015-03-31/functions/NAME-OR-ARN/invocations</c>, so that the AWS CLI and the SDKs work with
/// it by their endpoint URL. It runs the published bundle in processes of their own, with the bytes and the wire that AWS runs.
/// </summary>
public sealed class LocalLambda : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly Dictionary<string, FunctionPool> _pools;

    private LocalLambda(WebApplication web, Dictionary<string, FunctionPool> pools)
    {
        _web = web;
        _pools = pools;
    }

    /// <summary>Where it listens.</summary>
    public Uri Endpoint => new(_web.Urls.First());

    /// <summary>Starts the host; a function's process starts with its first invocation.</summary>
    /// <param name="functions">The functions.</param>
    /// <param name="log">Hears what the functions log, line by line.</param>
    public static async Task<LocalLambda> StartAsync(
        IEnumerable<LocalFunction> functions, Action<string> log, CancellationToken cancellationToken)
    {
        var web = LoopbackWeb.Create();
        var host = new LocalLambda(web, functions.ToDictionary(function => function.Name, function => new FunctionPool(function, log)));
        web.MapPost("/2015-03-31/functions/{nameOrArn}/invocations", host.InvokeAsync);
        await web.StartAsync(cancellationToken);
        return host;
    }

    private async Task<IResult> InvokeAsync(string nameOrArn, HttpContext http)
    {
        var name = nameOrArn.Split(':')[^1];
        if (!_pools.TryGetValue(name, out var pool))
        {
            http.Response.Headers["X-Amzn-Errortype"] = "ResourceNotFoundException";
            return Results.Json(
                new { Type = "User", Message = $"Function not found: {name}; there are {string.Join(", ", _pools.Keys)}" },
                statusCode: StatusCodes.Status404NotFound);
        }

        var answer = await pool.InvokeAsync(await LoopbackWeb.BodyAsync(http));
        http.Response.Headers["X-Amz-Executed-Version"] = "$LATEST";
        if (answer.IsError)
            http.Response.Headers["X-Amz-Function-Error"] = "Unhandled";
        return Results.Bytes(answer.Body, "application/json");
    }

    /// <summary>Ends all processes, also those that work: their callers hear that they ended. Then it stops listening.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var pool in _pools.Values)
            await pool.DisposeAsync();
        // Disposing alone resets the connections of callers whose answers are not written yet.
        await _web.StopAsync();
        await _web.DisposeAsync();
    }
}
