using System.Globalization;
using System.Net.Http.Json;

namespace CdcDms.LambdaRuntime;

/// <summary>The four calls of Lambda's Runtime API, version 2018-06-01 (AWS: Using the Lambda runtime API for custom runtimes).</summary>
/// <remarks>Every call throws <see cref="HttpRequestException"/> when the API is gone or refuses: the environment is lost then.</remarks>
internal sealed class RuntimeApi(string host, TimeProvider clock) : IDisposable
{
    private const string RequestIdHeader = "Lambda-Runtime-Aws-Request-Id";
    private const string DeadlineHeader = "Lambda-Runtime-Deadline-Ms";
    private const string FunctionArnHeader = "Lambda-Runtime-Invoked-Function-Arn";
    private const string TraceIdHeader = "Lambda-Runtime-Trace-Id";
    private const string ErrorTypeHeader = "Lambda-Runtime-Function-Error-Type";

    // No timeout: between two invocations the environment is frozen, for hours if need be, in the middle of `next`.
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false })
    {
        BaseAddress = new Uri($"http://{host}/2018-06-01/runtime/"),
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public async Task<(Invocation Invocation, ReadOnlyMemory<byte> Input)> NextAsync()
    {
        using var response = await _http.GetAsync(new Uri("invocation/next", UriKind.Relative));
        response.EnsureSuccessStatusCode();
        var deadline = long.Parse(Required(response, DeadlineHeader), CultureInfo.InvariantCulture);
        var invocation = new Invocation
        {
            RequestId = Required(response, RequestIdHeader),
            DeadlineUtc = DateTimeOffset.FromUnixTimeMilliseconds(deadline).UtcDateTime,
            FunctionArn = Optional(response, FunctionArnHeader),
            TraceId = Optional(response, TraceIdHeader),
            Clock = clock,
        };
        return (invocation, await response.Content.ReadAsByteArrayAsync());
    }

    public Task RespondAsync(Invocation invocation, ReadOnlyMemory<byte> output) =>
        PostAsync($"invocation/{invocation.RequestId}/response", new ReadOnlyMemoryContent(output), errorType: null);

    public Task FailAsync(Invocation invocation, FunctionError error) =>
        PostAsync($"invocation/{invocation.RequestId}/error", Body(error), error.Type);

    public Task FailInitAsync(FunctionError error) => PostAsync("init/error", Body(error), error.Type);

    public void Dispose() => _http.Dispose();

    private async Task PostAsync(string path, HttpContent body, string? errorType)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body };
        if (errorType is not null)
            request.Headers.Add(ErrorTypeHeader, errorType);
        using var response = await _http.SendAsync(request);
        response.EnsureSuccessStatusCode();
    }

    private static JsonContent Body(FunctionError error) => JsonContent.Create(error, FunctionErrorJson.Readable.FunctionError);

    private static string Required(HttpResponseMessage response, string header) =>
        Optional(response, header) ?? throw new HttpRequestException($"The Runtime API gave an invocation without {header}.");

    private static string? Optional(HttpResponseMessage response, string header) =>
        response.Headers.TryGetValues(header, out var values) ? values.First() : null;
}
