using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;

namespace CdcDms.LambdaRuntime.Tests;

/// <summary>What a function sent to the Runtime API: the path below <c>/2018-06-01/runtime/</c>, the error type header, the body.</summary>
public sealed record Report(string Path, string? ErrorType, string Body);

/// <summary>Lambda's side of the Runtime API on loopback: gives out the invocations that a test queues, keeps what comes back.</summary>
public sealed class RuntimeApiStandIn : IDisposable
{
    private const string Root = "/2018-06-01/runtime/";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly TimeProvider _clock;
    private readonly HttpListener _listener;
    private readonly Channel<QueuedInvocation> _invocations = Channel.CreateUnbounded<QueuedInvocation>();
    private readonly Channel<Report> _reports = Channel.CreateUnbounded<Report>();

    /// <param name="clock">The clock of the deadlines. Default: the system's.</param>
    public RuntimeApiStandIn(TimeProvider? clock = null)
    {
        _clock = clock ?? TimeProvider.System;
        (_listener, Host) = Listen();
        _ = ServeAsync();
    }

    /// <summary>The value of <c>AWS_LAMBDA_RUNTIME_API</c>.</summary>
    public string Host { get; }

    public void Invoke(string requestId, string input, TimeSpan timeout, string? traceId = null) =>
        _invocations.Writer.TryWrite(new QueuedInvocation(requestId, input, _clock.GetUtcNow() + timeout, traceId));

    public async Task<Report> NextReportAsync() => await _reports.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        try
        {
            while (_listener.IsListening)
                _ = AnswerAsync(await _listener.GetContextAsync());
        }
        catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(HttpListenerContext call)
    {
        var path = call.Request.Url!.AbsolutePath;
        Assert.StartsWith(Root, path, StringComparison.Ordinal);
        if (path == Root + "invocation/next")
        {
            Assert.Equal("GET", call.Request.HttpMethod);
            var (requestId, input, deadline, traceId) = await _invocations.Reader.ReadAsync();
            call.Response.Headers["Lambda-Runtime-Aws-Request-Id"] = requestId;
            call.Response.Headers["Lambda-Runtime-Deadline-Ms"] = deadline.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
            call.Response.Headers["Lambda-Runtime-Invoked-Function-Arn"] = "arn:aws:lambda:eu-central-1:123456789012:function:test";
            if (traceId is not null)
                call.Response.Headers["Lambda-Runtime-Trace-Id"] = traceId;
            await call.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(input));
        }
        else
        {
            Assert.Equal("POST", call.Request.HttpMethod);
            using var body = new StreamReader(call.Request.InputStream);
            var errorType = call.Request.Headers["Lambda-Runtime-Function-Error-Type"];
            _reports.Writer.TryWrite(new Report(path[Root.Length..], errorType, await body.ReadToEndAsync()));
            call.Response.StatusCode = (int)HttpStatusCode.Accepted;
        }

        call.Response.Close();
    }

    // HttpListener takes no port 0, and a port that was free a moment ago may be taken: try the next one.
    private static (HttpListener Listener, string Host) Listen()
    {
        for (var attempt = 0; ; attempt++)
        {
            using var socket = new TcpListener(IPAddress.Loopback, 0);
            socket.Start();
            var host = socket.LocalEndpoint.ToString()!;
            socket.Stop();
            var listener = new HttpListener { Prefixes = { $"http://{host}/" } };
            try
            {
                listener.Start();
                return (listener, host);
            }
            catch (HttpListenerException) when (attempt < 10)
            {
                listener.Close();
            }
        }
    }

    private sealed record QueuedInvocation(string RequestId, string Input, DateTimeOffset Deadline, string? TraceId);
}
