using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CdcDms.Functions.Tests;

/// <summary>One HTTP request as it came over the wire.</summary>
internal sealed record WireRequest(string Method, string RawUrl, IReadOnlyDictionary<string, string> Headers, byte[] Body);

/// <summary>A server on loopback that answers each request by a function.</summary>
internal sealed class HttpStandIn : IDisposable
{
    private readonly HttpListener _listener;

    public HttpStandIn(Func<WireRequest, (int Status, string Body)> answer)
    {
        for (var attempt = 0; ; attempt++)
        {
            using var socket = new TcpListener(IPAddress.Loopback, 0);
            socket.Start();
            Url = new Uri($"http://{socket.LocalEndpoint}");
            socket.Stop();
            // Lambda's extensions are asked for as localhost.
            _listener = new HttpListener { Prefixes = { Url.ToString(), $"http://localhost:{Url.Port}/" } };
            try
            {
                _listener.Start();
                break;
            }
            catch (HttpListenerException) when (attempt < 10)
            {
                _listener.Close();
            }
        }

        _ = ServeAsync(answer);
    }

    public Uri Url { get; }

    public void Dispose() => _listener.Close();

    private async Task ServeAsync(Func<WireRequest, (int Status, string Body)> answer)
    {
        try
        {
            while (_listener.IsListening)
            {
                var call = await _listener.GetContextAsync();
                using var body = new MemoryStream();
                await call.Request.InputStream.CopyToAsync(body);
                var headers = call.Request.Headers.AllKeys.ToDictionary(
                    name => name!.ToLowerInvariant(), name => call.Request.Headers[name]!);
                var (status, text) = TryAnswer(
                    answer, new WireRequest(call.Request.HttpMethod, call.Request.RawUrl!, headers, body.ToArray()));
                call.Response.StatusCode = status;
                call.Response.Close(Encoding.UTF8.GetBytes(text), willBlock: false);
            }
        }
        catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    // A server that died of a request would let the client wait for its timeout, again and again.
    private static (int Status, string Body) TryAnswer(Func<WireRequest, (int Status, string Body)> answer, WireRequest request)
    {
        try
        {
            return answer(request);
        }
        catch (Exception fault)
        {
            return (500, fault.ToString());
        }
    }
}
