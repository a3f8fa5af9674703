using CdcDms.Contract.Functions;
using CdcDms.Local.LambdaHost;
using CdcDms.Pipeline.Status;
using Microsoft.AspNetCore.Builder;

namespace CdcDms.Local.ConsoleServer;

/// <summary>The console: a page and its API on a free port of the loopback address. It only reads.</summary>
internal sealed class RunningConsole : IAsyncDisposable
{
    private static readonly TimeSpan TimeBetweenLooks = TimeSpan.FromSeconds(2);

    private readonly WebApplication _web;

    private RunningConsole(WebApplication web, Uri address) => (_web, Address) = (web, address);

    /// <summary>The address to open; it lets one browser in.</summary>
    public Uri Address { get; }

    /// <summary>Starts one. A database that cannot be read is told on its page, until it can be.</summary>
    /// <param name="targetConnection">Connection string of the analytics database.</param>
    /// <param name="health">Looks at the whole pipeline; null where only the analytics database is known.</param>
    public static async Task<RunningConsole> StartAsync(
        string targetConnection, Func<CancellationToken, Task<HealthReport>>? health)
    {
        var (session, activity) = (new Session(), new ActivityJob(targetConnection));
        var (api, changes) = (new ConsoleApi(activity, health), new TableEvents(activity, TimeBetweenLooks));
        var web = LoopbackWeb.Create();
        web.Use(next => http => session.GuardAsync(http, next));
        web.Use(next => http => ConsoleAnswers.TellAsync(http, next));
        PageFiles.Map(web);
        web.MapGet("/api/tables", api.TablesAsync);
        web.MapGet("/api/tables/{table}/batches", api.BatchesAsync);
        web.MapGet("/api/health", api.HealthAsync);
        web.MapGet("/api/events", http => changes.SendAsync(http, web.Lifetime.ApplicationStopping));
        await web.StartAsync();
        return new RunningConsole(web, new Uri($"{web.Urls.Single()}/?token={session.Token}"));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _web.DisposeAsync();
}
