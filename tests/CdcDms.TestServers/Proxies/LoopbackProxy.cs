using System.Net;
using System.Net.Sockets;

namespace CdcDms.Testing.Proxies;

/// <summary>Listens on a free port of 127.0.0.1, and pairs every connection with one of its own to a server there.</summary>
public abstract class LoopbackProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Task _accepting;

    private protected LoopbackProxy(int serverPort)
    {
        _listener.Start();
        _accepting = AcceptAsync(serverPort);
    }

    /// <summary>The port that programs connect to instead of the server's.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Ends all connections on both sides.</summary>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _end.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _end.Dispose();
    }

    /// <summary>Passes bytes on until one side ends; then both are closed, as the operating system does for a program that died.</summary>
    private protected abstract Task PassAsync(Socket client, Socket server, CancellationToken end);

    private async Task AcceptAsync(int serverPort)
    {
        var pairs = new List<Task>();
        try
        {
            while (true)
                pairs.Add(PairAsync(await _listener.AcceptSocketAsync(_end.Token), serverPort));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(pairs);
        }
    }

    private async Task PairAsync(Socket client, int serverPort)
    {
        using var accepted = client;
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, serverPort, _end.Token);
            await PassAsync(client, server, _end.Token);
        }
        catch (Exception over) when (over is IOException or SocketException or OperationCanceledException)
        {
            // One side is gone: what it did about it shows at the other side.
        }
    }
}
