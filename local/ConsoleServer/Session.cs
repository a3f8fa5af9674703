using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace CdcDms.Local.ConsoleServer;

/// <summary>
/// Lets one browser in: the one that first opens the printed address. Browsers give a cookie to all ports of a host, and so to every other
/// server of this machine that they visit: this one has a path that nobody else knows, and is given for that path alone.
/// </summary>
internal sealed class Session
{
    private const string Cookie = "cdcdms-console";

    private const int SecretBytes = 32;

    private const int PathBytes = 16;

    private readonly string _secret = Secret(SecretBytes);
    private int _used;

    /// <summary>Below which the console is.</summary>
    public string Path { get; } = $"/{Secret(PathBytes)}";

    /// <summary>What the printed address has; good for one use.</summary>
    public string Token { get; } = Secret(SecretBytes);

    /// <summary>Passes a request on, or answers that it is not let in.</summary>
    public async Task GuardAsync(HttpContext http, RequestDelegate next)
    {
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-store";
        // A page of another host that has its name point to 127.0.0.1 sends that name.
        if (http.Request.Host is not { Host: "127.0.0.1" or "localhost", Port: { } port } || port != http.Connection.LocalPort)
            await ConsoleAnswers.FailAsync(
                http, StatusCodes.Status421MisdirectedRequest,
                "This server is the console of CdcDms, by the address that it printed alone.");
        else if (http.Request.PathBase != Path)
            await RefuseAsync(http);
        // Pages of other ports of this machine are of the same site (W3C: Fetch Metadata).
        else if (http.Request.Path.StartsWithSegments("/api")
            && http.Request.Headers["Sec-Fetch-Site"].ToString() is not ("" or "same-origin" or "none"))
            await ConsoleAnswers.FailAsync(
                http, StatusCodes.Status403Forbidden, "The console answers its own page, and none of another address.");
        else if (Is(http.Request.Cookies[Cookie], _secret))
            await PassAsync(http, next);
        else if (Is(http.Request.Query["token"], Token) && Interlocked.Exchange(ref _used, 1) == 0)
            Enter(http);
        else
            await RefuseAsync(http);
    }

    private static Task RefuseAsync(HttpContext http) => ConsoleAnswers.FailAsync(
        http, StatusCodes.Status401Unauthorized,
        "The console does not know this browser: open the address that it printed, or, if that was opened already, start it again.");

    private Task PassAsync(HttpContext http, RequestDelegate next)
    {
        // The page names all else beside itself: its own address ends with a slash.
        if (http.Request.Path.HasValue && !http.Request.Query.ContainsKey("token"))
            return next(http);
        http.Response.Redirect($"{Path}/");
        return Task.CompletedTask;
    }

    private void Enter(HttpContext http)
    {
        http.Response.Cookies.Append(
            Cookie, _secret, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = Path });
        http.Response.Redirect($"{Path}/");
    }

    private static bool Is(string? given, string expected) =>
        given is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(expected));

    private static string Secret(int bytes) => RandomNumberGenerator.GetHexString(2 * bytes, lowercase: true);
}
