using CdcDms.Contract.Tables;
using CdcDms.Testing;
using Microsoft.Playwright;

namespace CdcDms.Local.Tests.ConsoleServer.Browser;

/// <summary>What somebody does in the page goes on while the ledger changes under it.</summary>
public sealed class FocusTests(TestServers servers, InstalledChromium browser) : ConsoleFixture(servers)
{
    [Theory]
    [InlineData("What to do")]
    [InlineData("Resume")]
    public async Task A_button_keeps_the_focus_while_the_ledger_changes_and_has_it_again_behind_its_dialog(string name)
    {
        await ParkAsync("why");
        await using var console = await StartAsync(operates: true);
        await using var page = await browser.OpenAsync(console.Address);
        await page.GoAsync("#/tables/analytics.accounts");
        var button = page.Page.Locator("#one button:visible", new PageLocatorOptions { HasText = name }).First;
        await button.FocusAsync();

        await ParkAsync("another cause");
        await page.SeesAsync("State: parked: another cause");
        Assert.Equal(name, await FocusedAsync(page));
        await page.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await ParkAsync("a third cause");
        await page.SeesAsync("State: parked: a third cause");
        await page.Page.Keyboard.PressAsync("Escape");

        await Assertions.Expect(page.Page.GetByRole(AriaRole.Dialog)).ToBeHiddenAsync();
        await Assertions.Expect(button).ToBeFocusedAsync();
    }

    [Fact]
    public async Task A_link_to_a_table_keeps_the_focus_when_all_tables_are_read_anew()
    {
        await using var console = await StartAsync();
        await using var page = await browser.OpenAsync(console.Address);
        var link = page.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "analytics.accounts" });
        await link.FocusAsync();

        await Analytics.ExecuteAsync("ALTER SCHEMA cdc RENAME TO away; CREATE SCHEMA cdc; CREATE TABLE cdc.schema_version (version text)");
        await page.SeesAsync("The ledger was not read");
        await Analytics.ExecuteAsync(
            "DROP SCHEMA cdc CASCADE; ALTER SCHEMA away RENAME TO cdc; UPDATE cdc.tables SET parked_at = now(), parked_cause = 'why'");
        await page.SeesAsync("2 tables, followed live.");

        await Assertions.Expect(page.Page.Locator("#tables td.bad").First).ToHaveTextAsync("parked");
        await Assertions.Expect(link).ToBeFocusedAsync();
    }

    [Fact]
    public async Task What_was_done_is_told_beside_how_the_page_follows_until_the_next_page_and_is_not_read_out_again()
    {
        await ParkAsync("why");
        await using var console = await StartAsync(operates: true);
        await using var page = await browser.OpenAsync(console.Address);
        await page.GoAsync("#/tables/analytics.accounts");
        await page.PressAsync("Resume");
        await page.PressAsync("Do it");
        await page.SeesAsync("The next merge goes on with analytics.accounts.");
        await page.SeesAsync("Resume has begun.");
        await page.SeesAsync("2 tables, followed live.");
        await page.Page.EvaluateAsync("window.cure = document.querySelector('#cured li')");

        await ParkAsync("another cause");
        await page.SeesAsync("State: parked: another cause");
        await page.PressAsync("Resume");
        await page.PressAsync("Do it");
        await Assertions.Expect(page.Page.Locator("#cured li.good")).ToHaveCountAsync(2);
        Assert.True(await page.Page.EvaluateAsync<bool>("window.cure === document.querySelector('#cured li:last-child')"));
        await page.GoAsync("#/");

        await page.SeesNoMoreAsync("Resume has begun.");
        await page.SeesAsync("2 tables, followed live.");
    }

    [Fact]
    public async Task A_late_answer_does_not_show_the_cures_of_one_table_on_the_page_of_another()
    {
        await ParkAsync("why");
        await using var console = await StartAsync(operates: true);
        await using var page = await browser.OpenAsync(console.Address);
        await page.GoAsync("#/tables/analytics.accounts");
        await page.PressAsync("Resume");
        await page.PressAsync("Do it");
        await page.SeesAsync("The next merge goes on with analytics.accounts.");
        await page.GoAsync("#/");
        var (asked, late) = (new TaskCompletionSource(), new TaskCompletionSource());
        await page.Page.RouteAsync("**/api/cures", async route =>
        {
            if (asked.TrySetResult())
                await late.Task;
            await route.ContinueAsync();
        });

        await page.GoAsync("#/tables/analytics.accounts");
        await asked.Task;
        await page.GoAsync($"#/tables/{Uri.EscapeDataString(new TableName("x", Hostile).ToString())}");
        await page.Page.RunAndWaitForResponseAsync(
            () =>
            {
                late.SetResult();
                return Task.CompletedTask;
            },
            "**/api/cures");
        await page.Page.EvaluateAsync("fetch('api/cures').then(answer => answer.json()).then(() => null)");

        Assert.Equal(0, await page.Page.Locator("#cured li").CountAsync());
    }

    private Task ParkAsync(string cause) => Analytics.ExecuteAsync(
        $"UPDATE cdc.tables SET parked_at = now(), parked_cause = '{cause}' WHERE target_name = 'accounts'");

    private static Task<string> FocusedAsync(WatchedPage page) =>
        page.Page.EvaluateAsync<string>("document.activeElement.textContent");
}
