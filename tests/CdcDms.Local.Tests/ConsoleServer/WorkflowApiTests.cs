using CdcDms.Local.Capture;
using CdcDms.Local.ConsoleServer;
using CdcDms.Local.Tests.Workflow;
using CdcDms.Local.Workflow;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.ConsoleServer;

/// <summary>What the console tells of the workflow, and of how fast changes flow.</summary>
public sealed class WorkflowApiTests(TestServers servers) : ConsoleFixture(servers)
{
    private readonly WorkflowRuns _runs = new(TimeProvider.System);

    [Theory]
    [InlineData("/api/workflow")]
    [InlineData("/api/workflow/executions")]
    [InlineData("/api/workflow/executions/1")]
    public async Task A_console_that_knows_no_workflow_says_so(string path)
    {
        await using var console = await StartAsync();
        using var browser = await BrowserAsync(console);

        Assert.Equal(
            (404, "This console knows no workflow: up and demo --keep start one that shows what they run, and --env NAME shows an "
                + "environment's."),
            await FailureAsync(browser, path));
        Assert.False((await AskAsync(browser, "/api/tables")).Answer["hasWorkflow"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Machines_are_told_once_they_are_known_and_executions_with_their_way()
    {
        await using var console = await RunningConsole.StartAsync(Places() with { Workflow = _runs });
        using var browser = await BrowserAsync(console);
        Assert.Empty((await AskAsync(browser, "/api/workflow")).Answer["machines"]!.AsArray());

        _runs.Knows(new SynthesizedWorkflow(await SynthesizedMachine.FolderAsync(), "dev"));
        await _runs.RecordAsync("cdcdms-dev-batch", hear =>
        {
            hear(new StateEntered("cdcdms-dev-batch", null, "MergeMarkers"));
            return Task.FromResult<WorkflowResult>(new WorkflowFailed("BadData", """{"errorMessage":"No markers."}"""));
        });

        var (_, answer) = await AskAsync(browser, "/api/workflow");
        Assert.Equal("cdcdms-dev-batch", answer["machines"]![0]!["name"]!.GetValue<string>());
        var told = Assert.Single((await AskAsync(browser, "/api/workflow/executions")).Answer["executions"]!.AsArray())!;
        Assert.Equal(answer["executions"]![0]!.ToJsonString(), told.ToJsonString());
        Assert.Equal(("failed", "No markers."), (told["outcome"]!.GetValue<string>(), told["cause"]!.GetValue<string>()));
        var (_, course) = await AskAsync(browser, $"/api/workflow/executions/{told["id"]}");
        Assert.Equal("MergeMarkers", Assert.Single(course["passed"]!.AsArray())!["state"]!.GetValue<string>());
        Assert.Equal(
            (404, "No execution '7' is known, or not any more: only the newest are kept."),
            await FailureAsync(browser, "/api/workflow/executions/7"));
    }

    [Fact]
    public async Task A_page_that_stays_open_is_told_that_the_workflow_went_on()
    {
        await using var console = await RunningConsole.StartAsync(Places() with { Workflow = _runs });
        using var browser = await BrowserAsync(console);
        await using var events = await EventsAsync(browser);
        Assert.Equal("ready", (await NextAsync(events)).EventType);

        await _runs.RecordAsync("m", _ => Task.FromResult<WorkflowResult>(new WorkflowSucceeded([])));

        Assert.Equal("workflow", (await NextAsync(events)).EventType);
    }

    [Fact]
    public async Task Rates_are_those_of_the_last_minute()
    {
        var totals = new CaptureTotals(100, 10, 3);
        var clock = new SetClock();
        await using var console = await RunningConsole.StartAsync(
            Places() with { Captured = new CaptureWatch(() => totals, clock) });
        using var browser = await BrowserAsync(console);
        await Analytics.ExecuteAsync("UPDATE cdc.batches SET committed_at = committed_at + interval '50 seconds'");

        var first = (await AskAsync(browser, "/api/flow")).Answer;
        clock.Now += TimeSpan.FromSeconds(50);
        totals = new CaptureTotals(100, 60, 5);
        await AskAsync(browser, "/api/flow");
        clock.Now += TimeSpan.FromSeconds(20);
        var second = (await AskAsync(browser, "/api/flow")).Answer;
        clock.Now += TimeSpan.FromSeconds(61);
        var third = (await AskAsync(browser, "/api/flow")).Answer;

        // Of each of two tables the batch of one row is younger than a minute now.
        Assert.Equal("""{"seconds":60,"batches":2,"files":2,"rows":2}""", first["merged"]!.ToJsonString());
        Assert.Null(first["captured"]);
        Assert.Equal((70, 0, 50, 2), Captured(second));
        Assert.Equal((61, 0, 0, 0), Captured(third));

        static (double, long, long, long) Captured(System.Text.Json.Nodes.JsonObject flow) => (
            flow["captured"]!["seconds"]!.GetValue<double>(), flow["captured"]!["rows"]!.GetValue<long>(),
            flow["captured"]!["changes"]!.GetValue<long>(), flow["captured"]!["files"]!.GetValue<long>());
    }

    private sealed class SetClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
