using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace CdcDms.Local.ConsoleServer;

/// <summary>
/// Lets one browser in: the one that first opens the printed address. Other programs and users of this machine, and other pages of the
/// same browser, know neither the token nor the cookie.
/// </summary>
internal sealed class Session
{
    private const int SecretBytes = 32;

    private readonly string _secret = Secret();
    private int _used;

    /// <summary>What the printed address has; good for one use.</summary>
    public string Token { get; } = Secret();

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
        else if (Is(http.Request.Cookies[CookieName(http)], _secret))
            await PassAsync(http, next);
        else if (Is(http.Request.Query["token"], Token) && Interlocked.Exchange(ref _used, 1) == 0)
            Enter(http);
        else
            await ConsoleAnswers.FailAsync(
                http, StatusCodes.Status401Unauthorized,
                "The console does not know this browser: open the address that it printed, or, if that was opened already, start it "
                + "again.");
    }

    private static Task PassAsync(HttpContext http, RequestDelegate next)
    {
        if (!http.Request.Query.ContainsKey("token"))
            return next(http);
        http.Response.Redirect("/");
        return Task.CompletedTask;
    }

    private void Enter(HttpContext http)
    {
        http.Response.Cookies.Append(
            CookieName(http), _secret, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/" });
        http.Response.Redirect("/");
    }

    // Browsers give a cookie to all ports of a host: each console has one of its own.
    private static string CookieName(HttpContext http) => $"cdcdms-console-{http.Connection.LocalPort}";

    private static bool Is(string? given, string expected) =>
        given is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(expected));

    private static string Secret() => RandomNumberGenerator.GetHexString(2 * SecretBytes, lowercase: true);
}
