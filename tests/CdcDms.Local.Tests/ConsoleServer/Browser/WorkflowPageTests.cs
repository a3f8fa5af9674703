using System.Text.RegularExpressions;
using CdcDms.Contract;
using CdcDms.Local.ConsoleServer;
using CdcDms.Local.Tests.Workflow;
using CdcDms.Local.Workflow;
using CdcDms.Testing;
using Microsoft.Playwright;

namespace CdcDms.Local.Tests.ConsoleServer.Browser;

/// <summary>The page of the workflow in a real browser.</summary>
public sealed partial class WorkflowPageTests(TestServers servers, InstalledChromium browser) : ConsoleFixture(servers)
{
    private const string Machine = "cdcdms-dev-batch";

    private readonly WorkflowRuns _runs = new(TimeProvider.System);

    [Theory]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(390, ColorScheme.Dark)]
    public async Task An_execution_that_fails_is_shown_by_itself_and_everybody_can_read_why(int width, ColorScheme scheme)
    {
        _runs.Knows(new SynthesizedWorkflow(await SynthesizedMachine.FolderAsync(), "dev"));
        await using var console = await RunningConsole.StartAsync(Places() with { Workflow = _runs });
        await using var page = await browser.OpenAsync(console.Address, width, scheme);
        await page.SeesAsync("2 tables, followed live.");
        await page.AssertAccessibleAsync();

        await page.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Workflow", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Page.GetByLabel($"State machine {Machine}, ")).ToBeVisibleAsync();
        await _runs.RecordAsync(Machine, hear =>
        {
            hear(new StateEntered(Machine, null, "MergeMarkers"));
            return Task.FromResult<WorkflowResult>(new WorkflowFailed("BadData", """{"errorMessage":"No markers <img src=x>."}"""));
        });

        await page.SeesAsync("No markers <img src=x>.");
        Assert.Equal(0, await page.Page.Locator("img").CountAsync());
        await page.AssertAccessibleAsync();
        Assert.Equal(1, page.Loads);
    }

    [Fact]
    public async Task Executions_that_may_not_be_read_are_one_sentence_on_their_page_and_the_other_pages_go_on()
    {
        await using var console = await RunningConsole.StartAsync(Places() with { Workflow = new Refused() });
        await using var page = await browser.OpenAsync(console.Address);
        await page.SeesAsync("2 tables, followed live.");

        await page.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Workflow", Exact = true }).ClickAsync();

        await page.SeesAsync("You may not read executions.");
        await page.SeesAsync("2 tables, followed live.");
        await page.AssertAccessibleAsync();
    }

    [Fact]
    public async Task What_runs_is_in_view_unless_the_reader_looks_at_something_else()
    {
        const string table = "cdcdms-dev-batch-table";
        _runs.Knows(new SynthesizedWorkflow(await SynthesizedMachine.FolderAsync(), "dev"));
        await using var console = await RunningConsole.StartAsync(Places() with { Workflow = _runs });
        await using var page = await browser.OpenAsync(console.Address);
        await page.Page.SetViewportSizeAsync(1280, 500);
        await page.SeesAsync("2 tables, followed live.");
        await page.GoAsync($"#/workflow/{table}");
        await Assertions.Expect(page.Page.GetByLabel($"State machine {table}, ")).ToBeVisibleAsync();
        await _runs.RecordAsync(Machine, async hear =>
        {
            hear(new StateEntered(table, "public.t", "Plan"));
            await RunsAsync(page, "Plan");
            hear(new StateLeft(table, "public.t", "Plan"));
            hear(new StateEntered(table, "public.t", "Prove"));
            await RunsAsync(page, "Prove");
            Assert.True(await InViewAsync(page));

            await page.Page.Locator("#machine").HoverAsync();
            await page.Page.Mouse.WheelAsync(0, -5000);
            await Assertions.Expect(page.Page.Locator("#machine")).ToHaveJSPropertyAsync("scrollTop", 0);
            hear(new StateLeft(table, "public.t", "Prove"));
            hear(new StateEntered(table, "public.t", "Merge"));
            await RunsAsync(page, "Merge");
            Assert.Equal(0, await page.Page.EvaluateAsync<int>("document.getElementById('machine').scrollTop"));
            return new WorkflowSucceeded([]);
        });
    }

    [Fact]
    public async Task How_long_a_state_runs_goes_on_by_itself()
    {
        _runs.Knows(new SynthesizedWorkflow(await SynthesizedMachine.FolderAsync(), "dev"));
        await using var console = await RunningConsole.StartAsync(Places() with { Workflow = _runs });
        await using var page = await browser.OpenAsync(console.Address);
        await page.SeesAsync("2 tables, followed live.");
        await page.GoAsync("#/workflow");
        await _runs.RecordAsync(Machine, async hear =>
        {
            hear(new StateEntered(Machine, null, "MergeMarkers"));
            await Assertions.Expect(page.Page.Locator("#running")).ToContainTextAsync(LaterSeconds(), new() { Timeout = 60_000 });
            return new WorkflowSucceeded([]);
        });
    }

    // The page reads an execution within a second of its beginning.
    [GeneratedRegex(@"MergeMarkers, for ([5-9]|[1-9][0-9])\ss")]
    private static partial Regex LaterSeconds();

    private static Task RunsAsync(WatchedPage page, string state) =>
        Assertions.Expect(page.Page.Locator("#machine .running .name")).ToHaveTextAsync(state);

    private static Task<bool> InViewAsync(WatchedPage page) => page.Page.EvaluateAsync<bool>(
        """
        (() => {
          const [box, state] = ['#machine', '#machine .running'].map(one => document.querySelector(one).getBoundingClientRect());
          return state.top >= box.top && state.bottom <= box.bottom && state.left >= box.left && state.right <= box.right;
        })()
        """);

    private sealed class Refused : IWorkflowWatch
    {
        public Task<IReadOnlyList<MachineGraph>> MachinesAsync(CancellationToken cancellationToken) => throw Fault();

        public Task<IReadOnlyList<WorkflowExecution>> ExecutionsAsync(CancellationToken cancellationToken) => throw Fault();

        public Task<ExecutionCourse?> CourseAsync(string id, CancellationToken cancellationToken) => throw Fault();

        public Task<long> VersionAsync(CancellationToken cancellationToken) => Task.FromResult(0L);

        private static CdcDmsException Fault() => new(ErrorKind.Unavailable, "You may not read executions.");
    }
}
