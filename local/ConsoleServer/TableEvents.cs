using System.Diagnostics;
using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Pipeline.Operations;
using Microsoft.AspNetCore.Http;

namespace CdcDms.Local.ConsoleServer;

/// <summary>
/// Tells a page what changes, as server-sent events: <c>ready</c> when the page should read all tables, <c>table</c> for a table that
/// changed since, <c>flow</c> with how fast changes flow, <c>cures</c> and <c>workflow</c> when the page should read those, <c>gone</c>
/// with a sentence when the database cannot be read. After that it says <c>ready</c> again.
/// </summary>
/// <param name="places">What it tells of.</param>
/// <param name="cures">The cures of the console.</param>
/// <param name="flow">How fast changes flow.</param>
internal sealed class TableEvents(ConsolePlaces places, Cures cures, FlowApi flow)
{
    // In a look every two seconds: 10 KB a second. What does not fit is told after the next look.
    private const int MostCharacters = 20_000;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan MostQuiet = TimeSpan.FromSeconds(15);

    /// <summary>Tells until the page goes away or the console ends.</summary>
    public async Task SendAsync(HttpContext http, CancellationToken ended)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, ended);
        http.Response.ContentType = "text/event-stream";
        var page = new Told(http.Response);
        using var ticks = new PeriodicTimer(Tick);
        var looked = 0L;
        try
        {
            do
            {
                // What happens in this program is told at once; a look at the ledger takes more.
                await TellProgramAsync(page, either.Token);
                if (looked != 0 && Stopwatch.GetElapsedTime(looked) < places.TimeBetweenLooks - Tick / 2)
                    continue;
                looked = Stopwatch.GetTimestamp();
                await LookAsync(page, either.Token);
            }
            while (await ticks.WaitForNextTickAsync(either.Token));
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // The page is closed, or the console ends.
        }
    }

    private async Task TellProgramAsync(Told page, CancellationToken cancellationToken)
    {
        if (page.Cures != (page.Cures = cures.Version))
            await page.SendAsync("cures", "{}", cancellationToken);
        try
        {
            if (places.Workflow is { } workflow && page.Workflow != (page.Workflow = await workflow.VersionAsync(cancellationToken)))
                await page.SendAsync("workflow", "{}", cancellationToken);
        }
        catch (CdcDmsException)
        {
            // The page hears why when it asks; it goes on with what it has.
        }
    }

    private async Task LookAsync(Told page, CancellationToken cancellationToken)
    {
        try
        {
            var found = await places.Operations.AskAsync(new MarkRequest(), cancellationToken);
            var (mark, flows) = (found.Mark, JsonSerializer.Serialize(flow.Of(found), ConsoleJson.Default.ConsoleFlow));
            if (page.Flow != (page.Flow = flows))
                await page.SendAsync("flow", flows, cancellationToken);
            if (mark != page.Mark || page.IsBehind)
                await ChangesAsync(page, mark, cancellationToken);
            else if (page.Quiet >= MostQuiet)
                await page.SendAsync("quiet", "{}", cancellationToken);
            else
                page.Quiet += places.TimeBetweenLooks;
        }
        catch (CdcDmsException fault)
        {
            if (page.Gone != fault.Message)
                await page.SendAsync(
                    "gone", JsonSerializer.Serialize(new ConsoleFailure(fault.Message), ConsoleJson.Default.ConsoleFailure),
                    cancellationToken);
            (page.Gone, page.Mark) = (fault.Message, null);
        }
    }

    private async Task ChangesAsync(Told page, string mark, CancellationToken cancellationToken)
    {
        var activity = await places.Operations.AskAsync(new ActivityRequest(), cancellationToken);
        var tables = activity.Tables.Select(ConsoleTable.Of).ToDictionary(
            table => table.Target, table => JsonSerializer.Serialize(table, ConsoleJson.Default.ConsoleTable));
        if (page.Mark is null)
        {
            page.Tables = tables;
            await page.SendAsync("ready", "{}", cancellationToken);
        }

        var sent = 0;
        page.IsBehind = false;
        foreach (var (target, form) in tables.Where(table => page.Tables.GetValueOrDefault(table.Key) != table.Value))
        {
            // One always fits, however long it is.
            if (page.IsBehind = sent > 0 && sent + form.Length > MostCharacters)
                break;
            await page.SendAsync("table", form, cancellationToken);
            page.Tables[target] = form;
            sent += form.Length;
        }

        (page.Mark, page.Gone) = (mark, null);
    }

    /// <summary>What a page was told.</summary>
    private sealed class Told(HttpResponse response)
    {
        public string? Mark { get; set; }

        public string? Gone { get; set; }

        public int Cures { get; set; }

        public long Workflow { get; set; }

        public string? Flow { get; set; }

        public bool IsBehind { get; set; }

        public TimeSpan Quiet { get; set; }

        public Dictionary<string, string> Tables { get; set; } = [];

        public async Task SendAsync(string kind, string json, CancellationToken cancellationToken)
        {
            Quiet = TimeSpan.Zero;
            await response.WriteAsync($"event: {kind}\ndata: {json}\n\n", cancellationToken);
            await response.Body.FlushAsync(cancellationToken);
        }
    }
}
