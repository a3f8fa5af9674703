using CdcDms.Local.LambdaHost;
using Microsoft.AspNetCore.Builder;

namespace CdcDms.Local.ConsoleServer;

/// <summary>The console: a page and its API on a free port of the loopback address. It only reads.</summary>
internal sealed class RunningConsole : IAsyncDisposable
{
    private readonly WebApplication _web;

    private RunningConsole(WebApplication web, Uri address) => (_web, Address) = (web, address);

    /// <summary>The address to open; it lets one browser in.</summary>
    public Uri Address { get; }

    /// <summary>Starts one. A database that cannot be read is told on its page, until it can be.</summary>
    /// <param name="places">What it shows.</param>
    public static async Task<RunningConsole> StartAsync(ConsolePlaces places)
    {
        var (session, api) = (new Session(), new ConsoleApi(places));
        var changes = new TableEvents(places.Operations, places.TimeBetweenLooks);
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
