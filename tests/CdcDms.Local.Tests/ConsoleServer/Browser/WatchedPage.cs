using System.Collections.Concurrent;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace CdcDms.Local.Tests.ConsoleServer.Browser;

/// <summary>A page in a browser, of which everything is noted that a page of the console must not do.</summary>
public sealed class WatchedPage : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _faults = [];
    private int _loads;

    private WatchedPage(IPage page)
    {
        Page = page;
        page.Console += (_, message) =>
        {
            // The browser itself says that a server does not answer, which tests bring about.
            if (message.Type is "error" or "warning" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
                _faults.Enqueue($"{message.Type}: {message.Text}");
        };
        page.Load += (_, _) => Interlocked.Increment(ref _loads);
        page.PageError += (_, fault) => _faults.Enqueue(fault);
        page.Dialog += (_, dialog) => _faults.Enqueue($"a dialog of a script: {dialog.Message}");
        page.Request += (_, request) =>
        {
            if (new Uri(request.Url) is { IsLoopback: false, Scheme: "http" or "https" or "ws" or "wss" })
                _faults.Enqueue($"a request to {request.Url}");
        };
    }

    public IPage Page { get; }

    /// <summary>How many times the browser has loaded a document.</summary>
    public int Loads => _loads;

    internal static async Task<WatchedPage> OpenAsync(IBrowserContext context, Uri address)
    {
        var watched = new WatchedPage(await context.NewPageAsync());
        await watched.Page.GotoAsync(address.ToString());
        return watched;
    }

    /// <summary>Goes to a page of the console.</summary>
    public async Task GoAsync(string hash) => await Page.EvaluateAsync("hash => { location.hash = hash; }", hash);

    /// <summary>Waits until the page shows a text.</summary>
    public Task SeesAsync(string text) => Assertions.Expect(Page.Locator("body")).ToContainTextAsync(
        text, new LocatorAssertionsToContainTextOptions { Timeout = 150_000, UseInnerText = true });

    /// <summary>Waits until the page shows a text no more.</summary>
    public Task SeesNoMoreAsync(string text) => Assertions.Expect(Page.Locator("body")).Not.ToContainTextAsync(
        text, new LocatorAssertionsToContainTextOptions { Timeout = 150_000, UseInnerText = true });

    /// <summary>Presses a button by its name, the first of several.</summary>
    public Task PressAsync(string name) =>
        Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name, Exact = true }).First.ClickAsync();

    /// <summary>Nothing keeps people with other eyes or hands from what is shown now, and the page is not wider than its window.</summary>
    public async Task AssertAccessibleAsync()
    {
        var found = await Page.RunAxe();
        var faults = found.Violations.Select(
            fault => $"{fault.Id}: {fault.Help}: {string.Join("; ", fault.Nodes.Select(node => node.Html))}");
        Assert.True(found.Violations.Length == 0, string.Join('\n', faults));
        Assert.Equal(0, await Page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth"));
    }

    /// <summary>Closes the page. What it did and must not do fails the test once that has ended, beside what else failed in it.</summary>
    public async ValueTask DisposeAsync()
    {
        await Page.Context.CloseAsync();
        FaultlessPagesAttribute.Note(_faults);
    }
}
