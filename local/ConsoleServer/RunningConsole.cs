using CdcDms.Local.LambdaHost;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace CdcDms.Local.ConsoleServer;

/// <summary>The console: a page and its API on a free port of the loopback address. It only reads, unless it may operate.</summary>
internal sealed class RunningConsole : IAsyncDisposable
{
    private readonly WebApplication _web;

    private readonly Cures _cures;

    private RunningConsole(WebApplication web, Cures cures, Uri address) => (_web, _cures, Address) = (web, cures, address);

    /// <summary>The address to open; it lets one browser in.</summary>
    public Uri Address { get; }

    /// <summary>What it answers: methods and paths.</summary>
    public IEnumerable<string> Routes => _web.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .SelectMany(route => route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods, (route, method) =>
            $"{method} {route.RoutePattern.RawText}");

    /// <summary>Starts one. A database that cannot be read is told on its page, until it can be.</summary>
    /// <param name="places">What it shows.</param>
    public static async Task<RunningConsole> StartAsync(ConsolePlaces places)
    {
        var web = LoopbackWeb.Create();
        var ended = web.Lifetime.ApplicationStopping;
        var (session, api) = (new Session(), new ConsoleApi(places, ended));
        var (cures, work) = (new Cures(TimeProvider.System), new CureWork(places));
        var (table, curing) = (new TableApi(places, work), new CureApi(places, work, cures));
        var (workflow, flow) = (new WorkflowApi(places), new FlowApi(places));
        var changes = new TableEvents(places, cures, flow);
        web.UsePathBase(session.Path);
        web.UseRouting();
        web.Use(next => http => session.GuardAsync(http, next));
        web.Use(next => http => ConsoleAnswers.TellAsync(http, next));
        PageFiles.Map(web);
        web.MapGet("/api/tables", api.TablesAsync);
        web.MapGet("/api/tables/{table}", table.TableAsync);
        web.MapGet("/api/tables/{table}/batches", api.BatchesAsync);
        web.MapGet("/api/tables/{table}/places", table.PlacesAsync);
        web.MapPost("/api/tables/{table}/cures", curing.StartAsync);
        web.MapGet("/api/cures", curing.ListAsync);
        web.MapGet("/api/quarantine/{id}", table.ChangeAsync);
        web.MapGet("/api/health", api.HealthAsync);
        web.MapGet("/api/flow", flow.FlowAsync);
        web.MapGet("/api/workflow", workflow.WorkflowAsync);
        web.MapGet("/api/workflow/executions", workflow.ExecutionsAsync);
        web.MapGet("/api/workflow/executions/{id}", workflow.CourseAsync);
        web.MapGet("/api/runbook/{section}", RunbookApi.SectionAsync);
        web.MapGet("/api/events", http => changes.SendAsync(http, ended));
        await web.StartAsync();
        return new RunningConsole(web, cures, new Uri($"{web.Urls.Single()}{session.Path}/?token={session.Token}"));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        await _cures.DisposeAsync();
    }
}
