using System.Text.RegularExpressions;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.ConsoleServer.Browser;

/// <summary>What the page says when something is away, and that it goes on by itself when that is back.</summary>
public sealed partial class LostAndFoundTests(TestServers servers, InstalledChromium browser) : ConsoleFixture(servers)
{
    [Fact]
    public async Task A_database_that_goes_away_is_one_sentence_until_it_is_back()
    {
        await using var console = await StartAsync();
        await using var page = await browser.OpenAsync(console.Address);
        await page.SeesAsync("2 tables, followed live.");
        var name = await Analytics.ScalarAsync<string>("SELECT current_database()");
        await using var other = await Servers.CreateDatabaseAsync();

        await other.ExecuteAsync($"ALTER DATABASE \"{name}\" ALLOW_CONNECTIONS false");
        await other.ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
        await page.SeesAsync("is not currently accepting connections");
        await other.ExecuteAsync($"ALTER DATABASE \"{name}\" ALLOW_CONNECTIONS true");

        await page.SeesAsync("2 tables, followed live.");
        Assert.Equal(1, page.Loads);
    }

    [Fact]
    public async Task A_ledger_of_another_version_is_one_sentence_until_it_is_known()
    {
        var version = await Analytics.ScalarAsync<int>("SELECT max(version) FROM cdc.schema_version");
        await using var console = await StartAsync();
        await using var page = await browser.OpenAsync(console.Address);
        await page.SeesAsync("2 tables, followed live.");

        await Analytics.ExecuteAsync($"INSERT INTO cdc.schema_version (version, name) VALUES ({version + 1}, 'test')");
        await page.SeesAsync("this program knows versions up to");
        await Analytics.ExecuteAsync($"DELETE FROM cdc.schema_version WHERE version >= {version}");
        await page.SeesAsync("the next merge of this program's release");
        await Analytics.ExecuteAsync($"INSERT INTO cdc.schema_version (version, name) VALUES ({version}, 'test')");

        await page.SeesAsync("2 tables, followed live.");
    }

    [Fact]
    public async Task A_console_that_ends_is_one_sentence_and_the_next_one_is_opened_by_its_own_address()
    {
        var console = await StartAsync();
        await using var page = await browser.OpenAsync(console.Address);
        await page.SeesAsync("2 tables, followed live.");

        await console.DisposeAsync();

        await page.SeesAsync(
            "The console does not answer: it was ended, or this machine is busy. This page goes on when it answers; a console that was "
            + "started again is opened by its new address.");
        await using var next = await StartAsync();
        await page.Page.GotoAsync(next.Address.ToString());
        await page.SeesAsync("2 tables, followed live.");
    }

    [Fact]
    public async Task A_page_that_is_refused_follows_again_once_it_is_let_in()
    {
        await using var console = await StartAsync();
        await using var page = await browser.OpenAsync(console.Address);
        await page.SeesAsync("2 tables, followed live.");
        await page.Page.RouteAsync("**/api/events", route => route.FulfillAsync(new() { Status = 401, Body = "{}" }));

        await page.Page.ReloadAsync();
        await page.SeesAsync("The console does not answer");
        await page.Page.UnrouteAsync("**/api/events");

        await page.SeesAsync("2 tables, followed live.");
    }

    [Fact]
    public async Task A_used_or_a_wrong_token_is_one_sentence_and_two_consoles_do_not_disturb_each_other()
    {
        await using var console = await StartAsync();
        await using var second = await StartAsync();
        await using var page = await browser.OpenAsync(console.Address);
        await page.SeesAsync("2 tables, followed live.");

        await using var late = await browser.OpenAsync(console.Address);
        await late.SeesAsync("The console does not know this browser: open the address that it printed");
        await using var wrong = await browser.OpenAsync(new Uri(Token().Replace(console.Address.ToString(), "token=0")));
        await wrong.SeesAsync("The console does not know this browser");
        await page.Page.GotoAsync(second.Address.ToString());
        await page.SeesAsync("2 tables, followed live.");
        await page.Page.GotoAsync(console.Address.GetLeftPart(UriPartial.Path));
        await page.SeesAsync("2 tables, followed live.");
    }

    [GeneratedRegex("token=.*")]
    private static partial Regex Token();
}
