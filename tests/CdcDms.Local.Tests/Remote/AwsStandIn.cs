using System.Text;
using CdcDms.Local.LambdaHost;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CdcDms.Local.Tests.Remote;

/// <summary>An AWS service on loopback that answers every call by a function.</summary>
internal sealed class AwsStandIn : IAsyncDisposable
{
    private readonly WebApplication _web;

    private AwsStandIn(WebApplication web) => _web = web;

    public Uri Url => new(_web.Urls.First());

    /// <summary>Starts it.</summary>
    /// <param name="answer">Gives status and body to the operation's name, or the path, and the body of a call.</param>
    public static async Task<AwsStandIn> StartAsync(Func<string, string, (int Status, string Code, string Body)> answer)
    {
        var web = LoopbackWeb.Create();
        web.MapPost("/{**path}", async (HttpContext http) =>
        {
            var body = Encoding.UTF8.GetString((await LoopbackWeb.BodyAsync(http)).Span);
            var (status, code, text) = answer(http.Request.Headers["x-amz-target"].FirstOrDefault() ?? http.Request.Path, body);
            if (code.Length > 0)
                http.Response.Headers["x-amzn-ErrorType"] = code;
            return Results.Text(text, "application/json", statusCode: status);
        });
        await web.StartAsync();
        return new AwsStandIn(web);
    }

    public ValueTask DisposeAsync() => _web.DisposeAsync();
}
