using System.Net;
using System.Net.Sockets;

namespace CdcDms.Functions.Tests;

/// <summary>A free port, for listeners that cannot choose one themselves.</summary>
internal static class HttpStandInPort
{
    public static int Free()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
