using Microsoft.AspNetCore.Builder;

namespace CdcDms.Local.ConsoleServer;

/// <summary>The files of the page, which are in the program.</summary>
internal static class PageFiles
{
    private static readonly (string Path, string Name, string Type)[] All =
    [
        ("/", "index.html", "text/html"),
        ("/console.css", "console.css", "text/css"),
        ("/api.js", "api.js", "text/javascript"),
        ("/batches.js", "batches.js", "text/javascript"),
        ("/chart.js", "chart.js", "text/javascript"),
        ("/console.js", "console.js", "text/javascript"),
        ("/cures.js", "cures.js", "text/javascript"),
        ("/dagre.js", "dagre.js", "text/javascript"),
        ("/drawing.js", "drawing.js", "text/javascript"),
        ("/flow.js", "flow.js", "text/javascript"),
        ("/machine.js", "machine.js", "text/javascript"),
        ("/marked.js", "marked.js", "text/javascript"),
        ("/places.js", "places.js", "text/javascript"),
        ("/quarantine.js", "quarantine.js", "text/javascript"),
        ("/runbook.js", "runbook.js", "text/javascript"),
        ("/table.js", "table.js", "text/javascript"),
        ("/tables.js", "tables.js", "text/javascript"),
        ("/uplot.css", "uplot.css", "text/css"),
        ("/uplot.js", "uplot.js", "text/javascript"),
        ("/unproven.js", "unproven.js", "text/javascript"),
        ("/workflow.js", "workflow.js", "text/javascript"),
        ("/icon.svg", "icon.svg", "image/svg+xml"),
        ("/openapi.json", "openapi.json", "application/json"),
    ];

    /// <summary>Lets a server answer with them.</summary>
    public static void Map(WebApplication web)
    {
        foreach (var (path, name, type) in All)
            web.MapGet(path, async http =>
            {
                http.Response.ContentType = $"{type}; charset=utf-8";
                await using var file = typeof(PageFiles).Assembly.GetManifestResourceStream($"page/{name}")!;
                await file.CopyToAsync(http.Response.Body, http.RequestAborted);
            });
    }
}
