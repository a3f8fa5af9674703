using CdcDms.Local.ConsoleServer;
using CdcDms.Testing;
using Npgsql;

namespace CdcDms.Local.Tests.ConsoleServer;

/// <summary>What a page hears while the database neither answers nor refuses, and of what nobody foresaw.</summary>
public sealed class HangingDatabaseTests(TestServers servers) : ConsoleFixture(servers)
{
    [Fact]
    public async Task A_database_that_hangs_is_one_sentence_until_it_answers()
    {
        await using var console = await RunningConsole.StartAsync(Places() with { LongestLook = TimeSpan.FromSeconds(1) });
        using var browser = await BrowserAsync(console);
        await using var events = await EventsAsync(browser);
        Assert.Equal("ready", (await NextAsync(events)).EventType);

        var locked = await LockAsync();
        var gone = await NextAsync(events);
        await locked.DisposeAsync();
        var back = await NextAsync(events);

        Assert.Equal(("gone", "ready"), (gone.EventType, back.EventType));
        Assert.StartsWith(
            "{\"failure\":\"No answer of the analytics database within 1 second: look who holds locks", gone.Data,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_hangs_keeps_nobody_from_hearing_of_cures()
    {
        await using var console = await RunningConsole.StartAsync(
            Places() with { MayOperate = true, LongestLook = TimeSpan.FromHours(1) });
        using var browser = await BrowserAsync(console);
        await using var events = await EventsAsync(browser);
        Assert.Equal("ready", (await NextAsync(events)).EventType);
        await using var locked = await LockAsync();
        while (await CountWaitingAsync() == 0)
            await Task.Yield();

        await OrderAsync(browser, """{"kind":"reload"}""");

        Assert.Equal("cures", (await NextAsync(events)).EventType);
    }

    [Fact]
    public async Task A_look_that_fails_as_nobody_foresaw_is_told_and_the_next_one_follows()
    {
        var (places, asked) = (Places(), 0);
        void OddOnce(object request)
        {
            if (Interlocked.Increment(ref asked) == 1)
                throw new InvalidOperationException("It is odd.");
        }

        await using var console = await RunningConsole.StartAsync(
            places with { Operations = new HeardOperations(places.Operations, OddOnce) });
        using var browser = await BrowserAsync(console);
        await using var events = await EventsAsync(browser);

        var gone = await NextAsync(events);
        var back = await NextAsync(events);

        Assert.Equal(("gone", "ready"), (gone.EventType, back.EventType));
        Assert.Contains("InvalidOperationException, It is odd; try again", gone.Data, StringComparison.Ordinal);
    }

    private async Task<NpgsqlConnection> LockAsync()
    {
        var connection = new NpgsqlConnection(Analytics.ConnectionString);
        await connection.OpenAsync(CancellationToken.None);
        await using var command = new NpgsqlCommand("BEGIN; LOCK TABLE cdc.tables IN ACCESS EXCLUSIVE MODE", connection);
        await command.ExecuteNonQueryAsync(CancellationToken.None);
        return connection;
    }

    private Task<long> CountWaitingAsync() => Analytics.ScalarAsync<long>(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'");
}
