using System.Collections.Concurrent;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Local.ConsoleServer;
using CdcDms.Testing;
using Microsoft.Playwright;

namespace CdcDms.Local.Tests.ConsoleServer.Browser;

/// <summary>The page in a real browser, over a ledger.</summary>
public sealed class PageTests(TestServers servers, InstalledChromium browser) : ConsoleFixture(servers)
{
    private static readonly string HostilePage = $"#/tables/{Uri.EscapeDataString(new TableName("x", Hostile).ToString())}";

    [Theory]
    [InlineData(1280, ColorScheme.Light)]
    [InlineData(1280, ColorScheme.Dark)]
    [InlineData(390, ColorScheme.Light)]
    [InlineData(390, ColorScheme.Dark)]
    public async Task Everybody_can_read_and_use_every_page(int width, ColorScheme scheme)
    {
        await HurtAsync();
        await using var console = await StartAsync(operates: true);
        await using var page = await browser.OpenAsync(console.Address, width, scheme);

        await page.SeesAsync("2 tables, followed live.");
        await page.AssertAccessibleAsync();
        await page.GoAsync("#/tables/analytics.accounts");
        await page.SeesAsync("a value is none");
        await page.AssertAccessibleAsync();
        await page.PressAsync("Resume");
        await page.SeesAsync("The next merge goes on with analytics.accounts");
        await page.AssertAccessibleAsync();
        await page.PressAsync("Leave it");
        await page.Page.GetByLabel("What to do: the runbook on parked-table").ClickAsync();
        await page.SeesAsync("Cure.");
        await page.AssertAccessibleAsync();
    }

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task The_keyboard_alone_is_enough_and_a_question_that_is_left_does_nothing(int width)
    {
        await HurtAsync();
        await using var console = await StartAsync(operates: true);
        await using var page = await browser.OpenAsync(console.Address, width);
        await page.SeesAsync("2 tables, followed live.");
        var orders = new ConcurrentQueue<string>();
        page.Page.Request += (_, request) =>
        {
            if (request.Method == "POST")
                orders.Enqueue(request.Url);
        };

        await TabToAsync(page.Page, "analytics.accounts");
        await page.Page.Keyboard.PressAsync("Enter");
        await page.SeesAsync("a value is none");
        foreach (var opens in new[] { "What to do", "Resume" })
        {
            await TabToAsync(page.Page, opens);
            await page.Page.Keyboard.PressAsync("Enter");
            await Assertions.Expect(page.Page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
            await page.Page.Keyboard.PressAsync("Escape");
            await Assertions.Expect(page.Page.GetByRole(AriaRole.Dialog)).ToBeHiddenAsync();
            Assert.Equal(opens, await FocusedAsync(page.Page));
        }

        // What the page has ordered by now is sent before it has this answer.
        await page.Page.EvaluateAsync("new Promise(later => setTimeout(later)).then(() => fetch('api/cures')).then(() => null)");
        Assert.Empty(orders);
        Assert.Equal("why", await Analytics.ScalarAsync<string>("SELECT parked_cause FROM cdc.tables WHERE target_name = 'accounts'"));
    }

    [Fact]
    public async Task Names_and_values_with_markup_are_shown_as_text()
    {
        await Analytics.ExecuteAsync(
            """
            INSERT INTO cdc.quarantine (table_id, reason, operation, change, types, error, told)
            SELECT id, 'refused', 'U', '{"name": "<img src=x onerror=alert(2)>"}', '{}', '<script>alert(3)</script>', '<b>told</b>'
            FROM cdc.tables WHERE target_schema = 'x';
            INSERT INTO cdc.rejected_files (table_id, key, etag, modified_at, bytes, reason, told)
            SELECT id, '<b>key</b>', 'e', now(), 1, 'reason', '<b>file</b>' FROM cdc.tables WHERE target_schema = 'x';
            UPDATE cdc.tables SET parked_at = now(), parked_cause = '<b>cause</b>' WHERE target_schema = 'x'
            """);
        await using var console = await StartAsync(operates: true);
        await using var page = await browser.OpenAsync(console.Address, width: 390);

        await page.SeesAsync(Hostile);
        await page.GoAsync(HostilePage);
        await page.SeesAsync("<b>told</b>");
        await page.PressAsync("Show values");

        await page.SeesAsync("<img src=x onerror=alert(2)>");
        await page.SeesAsync("<script>alert(3)</script>");
        await page.SeesAsync("<b>cause</b>");
        await page.SeesAsync("<b>key</b>: <b>file</b>");
        await page.AssertAccessibleAsync();
        await page.PressAsync("Resume");
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Dialog)).ToContainTextAsync($"Resume: {new TableName("x", Hostile)}");
        Assert.Equal(0, await page.Page.Locator("img, main script, b:text-matches('told|key|file|cause')").CountAsync());
    }

    [Fact]
    public async Task Rows_that_arrive_are_shown_by_themselves()
    {
        await using var console = await StartAsync();
        await using var page = await browser.OpenAsync(console.Address);
        await page.GoAsync("#/tables/analytics.accounts");
        await page.SeesAsync("Behind the source");

        await Analytics.ExecuteAsync(
            """
            INSERT INTO cdc.batches (
                table_id, files, bytes, read, inserted, updated, unchanged, deleted, superseded, stale, quarantined, removed)
            SELECT id, 1, 10, 4321, 4321, 0, 0, 0, 0, 0, 0, 0 FROM cdc.tables WHERE target_name = 'accounts'
            """);

        await page.SeesAsync("4,321");
        await page.GoAsync("#/");
        await page.SeesAsync("4,321 inserted");
        Assert.Equal(1, page.Loads);
    }

    [Fact]
    public async Task The_first_table_that_arrives_is_told()
    {
        await Analytics.ExecuteAsync("DELETE FROM cdc.batches; DELETE FROM cdc.tables");
        await using var console = await StartAsync();
        await using var page = await browser.OpenAsync(console.Address);
        await page.SeesAsync("Nothing was merged into this database yet");

        await Analytics.ExecuteAsync("INSERT INTO cdc.tables (target_schema, target_name) VALUES ('analytics', 'first')");

        await page.SeesAsync("1 table, followed live.");
        await page.SeesAsync("analytics.first");
        Assert.Equal(1, page.Loads);
    }

    [Fact]
    public async Task A_name_is_broken_only_behind_dots_and_underscores_and_the_page_is_no_wider_for_it()
    {
        await Analytics.ExecuteAsync(
            "INSERT INTO cdc.tables (target_schema, target_name) VALUES ('analytics', 'order_items'), ('analytics', repeat('x', 60))");
        await using var console = await StartAsync();
        await using var page = await browser.OpenAsync(console.Address, width: 390);
        await page.SeesAsync("4 tables, followed live.");

        var lines = await page.Page.EvaluateAsync<string[]>(
            """
            [...document.querySelector('#tables a[href$="order_items"]').childNodes].filter(node => node.nodeType === Node.TEXT_NODE)
              .map(node => {
                const range = document.createRange();
                range.selectNodeContents(node);
                return `${node.data} ${range.getClientRects().length}`;
              })
            """);

        Assert.Equal(["analytics. 1", "order_ 1", "items 1"], lines);
        Assert.Equal(0, await page.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth"));
    }

    [Fact]
    public async Task What_is_wrong_is_read_anew_as_soon_as_a_table_stands_otherwise()
    {
        IReadOnlyList<HealthFinding> findings = [new(HealthSeverity.Critical, "parked-table", "accounts is parked.")];
        await using var console = await RunningConsole.StartAsync(Places() with
        {
            Health = _ => Task.FromResult(new HealthReport { CheckedUtc = DateTime.UtcNow, Findings = findings, Tables = [] }),
        });
        await using var page = await browser.OpenAsync(console.Address);
        await page.SeesAsync("accounts is parked.");

        findings = [];
        await Analytics.ExecuteAsync("UPDATE cdc.tables SET parked_at = now(), parked_cause = 'why' WHERE target_name = 'accounts'");

        // Without a change it is read every minute.
        await Assertions.Expect(page.Page.Locator("#health")).ToBeHiddenAsync(new() { Timeout = 45_000 });
    }

    [Fact]
    public async Task A_table_with_2000_columns_is_shown()
    {
        await Analytics.ExecuteAsync(
            """
            UPDATE cdc.tables SET seen_columns = (SELECT jsonb_object_agg('column_' || n, 'INTEGER') FROM generate_series(1, 2000) n)
            WHERE target_name = 'accounts'
            """);
        await using var console = await StartAsync();
        await using var page = await browser.OpenAsync(console.Address);

        await page.GoAsync("#/tables/analytics.accounts");
        await page.Page.Locator("summary", new PageLocatorOptions { HasText = "Columns" }).ClickAsync();

        await page.SeesAsync("column_1999");
    }

    private Task HurtAsync() => Analytics.ExecuteAsync(
        """
        UPDATE cdc.tables SET parked_at = now(), parked_cause = 'why' WHERE target_name = 'accounts';
        INSERT INTO cdc.quarantine (table_id, reason, operation, change, types, error, told)
        SELECT id, 'refused', 'U', '{"name": "secret"}', '{}', 'the value secret is none', 'a value is none' FROM cdc.tables
        WHERE target_name = 'accounts'
        """);

    private static async Task TabToAsync(IPage page, string text)
    {
        for (var presses = 0; presses < 50 && await FocusedAsync(page) != text; presses++)
            await page.Keyboard.PressAsync("Tab");
        Assert.Equal(text, await FocusedAsync(page));
    }

    private static Task<string> FocusedAsync(IPage page) => page.EvaluateAsync<string>("document.activeElement.textContent");
}
