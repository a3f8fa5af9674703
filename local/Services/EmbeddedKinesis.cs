using CdcDms.Contract;

namespace CdcDms.Local.Services;

/// <summary>
/// A Kinesis server of our own, on 127.0.0.1 and a free port. It lives until it is disposed or this program ends, in whatever way; its
/// streams are temporary. It does not check signatures, and every user of this machine can reach it.
/// </summary>
public sealed class EmbeddedKinesis : IAsyncDisposable
{
    private readonly ServiceHost _host;
    private readonly Ready _ready;

    private EmbeddedKinesis(ServiceHost host, Ready ready) => (_host, _ready) = (host, ready);

    /// <summary>The endpoint: <c>http://127.0.0.1:PORT</c>.</summary>
    public Uri Endpoint => new($"http://127.0.0.1:{_ready.Port}");

    /// <summary>Starts a server without streams; returns when it answers.</summary>
    /// <exception cref="CdcDmsException">Node or the server's npm package is missing, or the server did not start.</exception>
    public static async Task<EmbeddedKinesis> StartAsync(CancellationToken cancellationToken = default)
    {
        var (host, ready) = await ServiceHost.StartAsync<Ready>("kinesis", cancellationToken);
        return new EmbeddedKinesis(host, ready);
    }

    /// <summary>Stops the server; returns when it is gone.</summary>
    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private sealed record Ready(int Port);
}
