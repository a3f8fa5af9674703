using CdcDms.Local.Tests.Commands;
using CdcDms.Testing;
using Microsoft.Playwright;

namespace CdcDms.Local.Tests.ConsoleServer.Browser;

/// <summary>Makes the pictures of the documentation, from a running pipeline.</summary>
public sealed class PictureTests(InstalledChromium browser)
{
    private const string Variable = "CDCDMS_UPDATE_PICTURES";

    [Fact]
    public async Task Pictures_of_the_console_are_made_from_a_running_pipeline()
    {
        Assert.SkipUnless(
            Environment.GetEnvironmentVariable(Variable) == "1", $"Makes the pictures in docs/pictures, where {Variable} is 1.");
        using var up = RunningVerb.Start("up", "--rows", "3000", "--every", "5s");
        var address = (await RunningVerb.ReadToAsync(up.Output, "# console: "))[^1]["# console: ".Length..].Trim().Split(' ')[0];
        await using var page = await browser.OpenAsync(new Uri(address));

        // The second full proof or batch has been judged: every part of the page has something to show.
        await page.SeesAsync("4 tables, followed live.");
        await Assertions.Expect(page.Page.Locator("#tables")).ToContainTextAsync(
            "compared ", new LocatorAssertionsToContainTextOptions { Timeout = 300_000 });
        await Assertions.Expect(page.Page.Locator("#tables")).Not.ToContainTextAsync(
            "not proven", new LocatorAssertionsToContainTextOptions { Timeout = 300_000 });
        await TakeAsync(page, "console");
        await page.GoAsync("#/tables/analytics.orders");
        await Assertions.Expect(page.Page.Locator("#proofs tr").First).ToBeVisibleAsync();
        await Assertions.Expect(page.Page.Locator("#chart canvas")).ToBeVisibleAsync();
        await TakeAsync(page, "table");
        await page.GoAsync("#/workflow");
        await Assertions.Expect(page.Page.Locator("#machine svg")).ToBeVisibleAsync();
        await TakeAsync(page, "workflow");
        await up.InterruptAsync();
    }

    private static Task TakeAsync(WatchedPage page, string name) => page.Page.ScreenshotAsync(
        new PageScreenshotOptions { Path = Path.Combine(Repository.Root, "docs", "pictures", $"{name}.png") });
}
