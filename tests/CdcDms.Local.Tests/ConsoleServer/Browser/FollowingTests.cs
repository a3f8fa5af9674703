using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Local.ConsoleServer;
using CdcDms.Testing;
using Microsoft.Playwright;
using Npgsql;

namespace CdcDms.Local.Tests.ConsoleServer.Browser;

/// <summary>What the page shows is what is, or it says what it does not know.</summary>
public sealed class FollowingTests(TestServers servers, InstalledChromium browser) : ConsoleFixture(servers)
{
    [Fact]
    public async Task Of_how_many_tables_it_is_not_known_how_far_they_are_behind_is_told()
    {
        await using var console = await StartAsync();
        await using var page = await browser.OpenAsync(console.Address);
        await page.SeesAsync("how far behind is not known of 2");

        await Analytics.ExecuteAsync(
            """
            UPDATE cdc.tables SET lake = 'lake', listed_until = now() WHERE target_name = 'accounts';
            INSERT INTO cdc.markers (
                lake, generation, id, number, lowest_version, highest_version, committed_at, stored_at, interval_seconds)
            SELECT 'lake', 1, gen_random_uuid(), n, n, n, at, at, 60
            FROM (VALUES (1, now() - interval '3 hours'), (2, now() - interval '2 hours')) marker (n, at)
            """);

        await page.SeesAsync("at most 3 h behind; not known of 1");
    }

    [Fact]
    public async Task A_page_that_hears_nothing_says_since_when_until_it_hears_again()
    {
        await using var console = await RunningConsole.StartAsync(Places() with { LongestLook = TimeSpan.FromHours(1) });
        await using var page = await browser.OpenAsync(console.Address);
        await page.SeesAsync("2 tables, followed live.");
        await using var locked = new NpgsqlConnection(Analytics.ConnectionString);
        await locked.OpenAsync(CancellationToken.None);
        await using var command = new NpgsqlCommand("BEGIN; LOCK TABLE cdc.tables, cdc.batches IN ACCESS EXCLUSIVE MODE", locked);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
        while (await Analytics.ScalarAsync<long>(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == 0)
            await Task.Yield();

        await page.Page.EvaluateAsync("(now => { Date.now = () => now() + 60_000; })(Date.now.bind(Date))");
        await page.SeesAsync("No news of the console since ");
        await locked.CloseAsync();

        await page.SeesAsync("2 tables, followed live.");
        Assert.Equal(1, page.Loads);
    }

    [Fact]
    public async Task An_address_that_is_wrongly_written_is_a_sentence_and_the_page_is_followed()
    {
        await using var console = await StartAsync();
        await using var page = await browser.OpenAsync(console.Address);
        await page.GoAsync("#/tables/100%");
        await page.Page.ReloadAsync();

        await page.SeesAsync("'100%' is not a table name: write it as schema.name.");
        await page.SeesAsync("2 tables, followed live.");
    }

    [Fact]
    public async Task Health_that_cannot_be_read_takes_its_old_numbers_away()
    {
        var isAway = false;
        await using var console = await RunningConsole.StartAsync(Places() with
        {
            Health = _ => isAway
                ? throw new CdcDmsException(ErrorKind.Unavailable, "The source is away.")
                : Task.FromResult(new HealthReport
                {
                    CheckedUtc = DateTime.UtcNow,
                    Findings = [],
                    Tables = [],
                    Source = new SourceHealth { Version = "17.2", Slots = [] },
                }),
        });
        await using var page = await browser.OpenAsync(console.Address);
        await page.SeesAsync("PostgreSQL 17.2");

        isAway = true;
        await Analytics.ExecuteAsync("UPDATE cdc.tables SET parked_at = now(), parked_cause = 'why' WHERE target_name = 'accounts'");

        await page.SeesAsync("The health is not known: The source is away.");
        await page.SeesNoMoreAsync("PostgreSQL 17.2");
        await page.SeesAsync("not looked at");
    }

    [Fact]
    public async Task Tables_that_cannot_be_read_once_are_read_again()
    {
        await using var console = await StartAsync();
        await using var page = await browser.OpenAsync(console.Address);
        await page.SeesAsync("2 tables, followed live.");
        var tries = 0;
        await page.Page.RouteAsync("**/api/tables", route => Interlocked.Increment(ref tries) == 1
            ? route.FulfillAsync(new RouteFulfillOptions { Status = 503, Body = """{"failure":"It is busy."}""" })
            : route.ContinueAsync());

        await page.Page.ReloadAsync();

        await page.SeesAsync("It is busy.");
        await page.SeesAsync("2 tables, followed live.");
    }

    [Fact]
    public async Task A_page_that_nobody_sees_holds_no_connection_and_is_up_to_date_when_it_is_seen()
    {
        await using var console = await StartAsync();
        await using var page = await browser.OpenAsync(console.Address);
        await page.SeesAsync("2 tables, followed live.");

        var left = new TaskCompletionSource();
        page.Page.RequestFailed += (_, request) =>
        {
            if (request.Url.EndsWith("/api/events", StringComparison.Ordinal))
                left.TrySetResult();
        };
        await ShowAsync(page, isHidden: true);
        await left.Task.WaitAsync(TestContext.Current.CancellationToken);
        await Analytics.ExecuteAsync("UPDATE cdc.tables SET parked_at = now(), parked_cause = 'why' WHERE target_name = 'accounts'");
        await ShowAsync(page, isHidden: false);

        await page.SeesAsync("1 parked");
    }

    private static Task ShowAsync(WatchedPage page, bool isHidden) => page.Page.EvaluateAsync(
        """
        isHidden => {
          Object.defineProperty(document, 'hidden', { value: isHidden, configurable: true });
          document.dispatchEvent(new Event('visibilitychange'));
        }
        """,
        isHidden);
}
