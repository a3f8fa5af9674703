using System.Diagnostics;
using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Local.Views;
using CdcDms.Pipeline.Operations;
using CdcDms.Pipeline.Status;
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
    // What does not fit into the time until the next look is told after it.
    private const int MostCharactersPerSecond = 10_000;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan MostQuiet = TimeSpan.FromSeconds(15);

    /// <summary>Tells until the page goes away or the console ends.</summary>
    public async Task SendAsync(HttpContext http, CancellationToken ended)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, ended);
        http.Response.ContentType = "text/event-stream";
        using var page = new Told(http.Response);
        try
        {
            // A database that hangs keeps nobody from hearing of the cures.
            await Task.WhenAll(
                EveryAsync(Tick, page, TellCuresAsync, either.Token),
                EveryAsync(Tick, page, TellWorkflowAsync, either.Token),
                EveryAsync(places.TimeBetweenLooks, page, LookAsync, either.Token));
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // The page is closed, or the console ends.
        }
    }

    private static async Task EveryAsync(
        TimeSpan time, Told page, Func<Told, CancellationToken, Task> tellAsync, CancellationToken cancellationToken)
    {
        using var ticks = new PeriodicTimer(time);
        do
            await tellAsync(page, cancellationToken);
        while (await ticks.WaitForNextTickAsync(cancellationToken));
    }

    private async Task TellCuresAsync(Told page, CancellationToken cancellationToken)
    {
        if (page.Cures != (page.Cures = cures.Version))
            await page.SendAsync("cures", "{}", cancellationToken);
        else if (page.Quiet >= MostQuiet)
            await page.SendAsync("quiet", "{}", cancellationToken);
    }

    private async Task TellWorkflowAsync(Told page, CancellationToken cancellationToken)
    {
        try
        {
            if (places.Workflow is { } workflow && page.Workflow != (page.Workflow = await workflow.VersionAsync(cancellationToken)))
                await page.SendAsync("workflow", "{}", cancellationToken);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The page hears why when it asks; it goes on with what it has.
        }
    }

    private async Task LookAsync(Told page, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(places.LongestLook);
        try
        {
            var found = await places.Operations.AskAsync(new MarkRequest(), limit.Token);
            var (mark, flows) = (found.Mark, JsonSerializer.Serialize(flow.Of(found), ConsoleJson.Default.ConsoleFlow));
            if (page.Flow != (page.Flow = flows))
                await page.SendAsync("flow", flows, cancellationToken);
            if (mark == page.Mark && !page.IsBehind)
                return;
            var activity = await places.Operations.AskAsync(new ActivityRequest(), limit.Token);
            await TellChangesAsync(page, mark, activity, cancellationToken);
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            await GoneAsync(page, Why(fault), cancellationToken);
        }
    }

    private string Why(Exception fault) => fault switch
    {
        CdcDmsException told => told.Message,
        OperationCanceledException =>
            $"No answer of {places.Operations.Analytics} within {Screen.Count((long)places.LongestLook.TotalSeconds, "second")}: look who "
            + "holds locks on the tables of the schema cdc, and whether the server hangs; this page goes on when it answers.",
        _ => Defect.Told("Reading the ledger", fault),
    };

    private static async Task GoneAsync(Told page, string sentence, CancellationToken cancellationToken)
    {
        if (page.Gone != sentence)
            await page.SendAsync(
                "gone", JsonSerializer.Serialize(new ConsoleFailure(sentence), ConsoleJson.Default.ConsoleFailure), cancellationToken);
        (page.Gone, page.Mark) = (sentence, null);
    }

    private async Task TellChangesAsync(Told page, string mark, PipelineActivity activity, CancellationToken cancellationToken)
    {
        var tables = activity.Tables.Select(ConsoleTable.Of).ToDictionary(
            table => table.Target, table => JsonSerializer.Serialize(table, ConsoleJson.Default.ConsoleTable));
        if (page.Mark is null)
        {
            page.Tables = tables;
            await page.SendAsync("ready", "{}", cancellationToken);
        }

        var left = MostCharactersPerSecond * places.TimeBetweenLooks.TotalSeconds;
        var told = 0;
        page.IsBehind = false;
        // Those behind the last that was told come first: tables that change all the time keep no other from being told.
        foreach (var (target, form) in tables.Where(table => page.Tables.GetValueOrDefault(table.Key) != table.Value)
            .OrderBy(table => string.CompareOrdinal(table.Key, page.Last) <= 0).ThenBy(table => table.Key, StringComparer.Ordinal))
        {
            // One always fits, however long it is.
            if (page.IsBehind = told++ > 0 && left < form.Length)
                break;
            await page.SendAsync("table", form, cancellationToken);
            page.Tables[target] = form;
            page.Last = target;
            left -= form.Length;
        }

        (page.Mark, page.Gone) = (mark, null);
    }

    /// <summary>What a page was told.</summary>
    private sealed class Told(HttpResponse response) : IDisposable
    {
        private readonly SemaphoreSlim _one = new(1);
        private long _sent = Stopwatch.GetTimestamp();

        public string? Mark { get; set; }

        public string? Gone { get; set; }

        public int Cures { get; set; }

        public long Workflow { get; set; }

        public string? Flow { get; set; }

        public bool IsBehind { get; set; }

        /// <summary>The target of the table that was told last.</summary>
        public string? Last { get; set; }

        /// <summary>How long nothing was told.</summary>
        public TimeSpan Quiet => Stopwatch.GetElapsedTime(Volatile.Read(ref _sent));

        public Dictionary<string, string> Tables { get; set; } = [];

        public async Task SendAsync(string kind, string json, CancellationToken cancellationToken)
        {
            await _one.WaitAsync(cancellationToken);
            try
            {
                await response.WriteAsync($"event: {kind}\ndata: {json}\n\n", cancellationToken);
                await response.Body.FlushAsync(cancellationToken);
                Volatile.Write(ref _sent, Stopwatch.GetTimestamp());
            }
            finally
            {
                _one.Release();
            }
        }

        public void Dispose() => _one.Dispose();
    }
}
