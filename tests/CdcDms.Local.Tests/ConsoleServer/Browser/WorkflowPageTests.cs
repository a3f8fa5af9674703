using CdcDms.Contract;
using CdcDms.Local.ConsoleServer;
using CdcDms.Local.Tests.Workflow;
using CdcDms.Local.Workflow;
using CdcDms.Testing;
using Microsoft.Playwright;

namespace CdcDms.Local.Tests.ConsoleServer.Browser;

/// <summary>The page of the workflow in a real browser.</summary>
public sealed class WorkflowPageTests(TestServers servers, InstalledChromium browser) : ConsoleFixture(servers)
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

    private sealed class Refused : IWorkflowWatch
    {
        public Task<IReadOnlyList<MachineGraph>> MachinesAsync(CancellationToken cancellationToken) => throw Fault();

        public Task<IReadOnlyList<WorkflowExecution>> ExecutionsAsync(CancellationToken cancellationToken) => throw Fault();

        public Task<ExecutionCourse?> CourseAsync(string id, CancellationToken cancellationToken) => throw Fault();

        public Task<long> VersionAsync(CancellationToken cancellationToken) => Task.FromResult(0L);

        private static CdcDmsException Fault() => new(ErrorKind.Unavailable, "You may not read executions.");
    }
}
