using System.Text.Json.Nodes;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.ConsoleServer;

/// <summary>What the console tells to a page that stays open.</summary>
public sealed class TableEventsTests(TestServers servers) : ConsoleFixture(servers)
{
    [Fact]
    public async Task Only_the_table_that_changed_is_told()
    {
        await using var console = await StartAsync();
        using var browser = await BrowserAsync(console);
        await using var events = await EventsAsync(browser);
        Assert.Equal("ready", (await NextAsync(events)).EventType);

        await Analytics.ExecuteAsync(
            "UPDATE cdc.tables SET parked_at = now(), parked_cause = 'it was asked for.' WHERE target_name = 'accounts'");
        var parked = await NextAsync(events);
        await Analytics.ExecuteAsync("UPDATE cdc.tables SET drained_at = now() WHERE target_schema = 'x'");
        var drained = await NextAsync(events);

        Assert.Equal(("table", "table"), (parked.EventType, drained.EventType));
        Assert.Contains(
            "\"analytics.accounts\",\"state\":\"parked\",\"parkedCause\":\"it was asked for.\"", parked.Data, StringComparison.Ordinal);
        Assert.Contains("\"state\":\"replicating\"", drained.Data, StringComparison.Ordinal);
        Assert.DoesNotContain("analytics.accounts", drained.Data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_changes_are_told_a_piece_at_a_time_until_all_are()
    {
        await Analytics.ExecuteAsync(
            "INSERT INTO cdc.tables (target_schema, target_name) SELECT 'many', 'table_' || n FROM generate_series(1, 98) n");
        await using var console = await StartAsync();
        using var browser = await BrowserAsync(console);
        await using var events = await EventsAsync(browser);
        Assert.Equal("ready", (await NextAsync(events)).EventType);
        var sinceFirst = new System.Diagnostics.Stopwatch();

        await Analytics.ExecuteAsync("UPDATE cdc.tables SET drained_at = now()");
        var characters = 0;
        var told = new HashSet<string>();
        while (told.Count < 100)
        {
            var data = (await NextAsync(events)).Data;
            sinceFirst.Start();
            characters += data.Length;
            Assert.True(told.Add(data));
        }

        Assert.InRange(characters, 20_001, int.MaxValue);
        // Each look, every two seconds, brings at most 20,000 characters; a second is for a look that was late.
        Assert.InRange(sinceFirst.Elapsed.TotalSeconds, 2 * (characters / 20_000) - 1, 120);
    }

    [Fact]
    public async Task Tables_at_the_end_are_told_too_while_all_change_all_the_time()
    {
        await Analytics.ExecuteAsync(
            "INSERT INTO cdc.tables (target_schema, target_name) SELECT 'many', 'table_' || n FROM generate_series(1, 98) n");
        await using var console = await StartAsync();
        using var browser = await BrowserAsync(console);
        await using var events = await EventsAsync(browser);
        Assert.Equal("ready", (await NextAsync(events)).EventType);

        var told = new HashSet<string>();
        for (var heard = 0; told.Count < 100; heard++)
        {
            await Analytics.ExecuteAsync("UPDATE cdc.tables SET drained_at = clock_timestamp()");
            told.Add(JsonNode.Parse((await NextAsync(events)).Data)!["target"]!.GetValue<string>());
            Assert.InRange(heard, 0, 200);
        }
    }

    [Fact]
    public async Task A_database_that_goes_away_is_told_once_and_again_when_it_is_back()
    {
        await using var console = await StartAsync();
        using var browser = await BrowserAsync(console);
        await using var events = await EventsAsync(browser);
        Assert.Equal("ready", (await NextAsync(events)).EventType);

        await Analytics.ExecuteAsync("ALTER SCHEMA cdc RENAME TO away; CREATE SCHEMA cdc; CREATE TABLE cdc.schema_version (version text)");
        var gone = await NextAsync(events);
        await Analytics.ExecuteAsync("DROP SCHEMA cdc CASCADE; ALTER SCHEMA away RENAME TO cdc");
        var back = await NextAsync(events);

        Assert.Equal(("gone", "ready"), (gone.EventType, back.EventType));
        Assert.StartsWith("{\"failure\":\"The ledger was not read", gone.Data, StringComparison.Ordinal);
    }
}
