using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CdcDms.Local.LambdaHost;

/// <summary>A small web server on a free port of the loopback address, without a log of its own.</summary>
internal static class LoopbackWeb
{
    // Lambda's own limit for a synchronous invocation (AWS: Lambda quotas).
    private const int MostBodyBytes = 6 << 20;

    /// <summary>Makes one; it listens once it is started.</summary>
    public static WebApplication Create()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestBodySize = MostBodyBytes;
        });
        return builder.Build();
    }

    /// <summary>The whole body of a request.</summary>
    public static async Task<ReadOnlyMemory<byte>> BodyAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        return body.ToArray();
    }
}
