using CdcDms.Local.Capture;
using CdcDms.Local.Services;
using CdcDms.Local.Tests.Commands;
using CdcDms.Pipeline.Postgres;
using CdcDms.Testing;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace CdcDms.Local.Tests.Capture;

/// <summary>A commit is in the stream before others see it, long before where it waits for a synchronous standby.</summary>
public sealed class UnseenMoveTests(TestServers servers)
{
    [Theory]
    [InlineData(false, "I|2|xxx")]
    [InlineData(true, "U|2|∅")]
    public async Task A_large_value_is_read_only_once_the_commit_is_seen_and_never_from_the_row_before_it(bool never, string expected)
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var server = await EmbeddedPostgres.StartAsync(cancel);
        await using var test = await CaptureTest.StartAsync(servers, "SELECT 1", "public.t");
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        test.Options = test.Options with { SourceConnection = server.ConnectionString() };
        await using var source = NpgsqlDataSource.Create(server.ConnectionString());
        await using var admin = await source.OpenConnectionAsync(cancel);
        await admin.ExecuteAsync(
            "CREATE TABLE t (id int PRIMARY KEY, a text); ALTER TABLE t ALTER a SET STORAGE EXTERNAL; "
            + "INSERT INTO t VALUES (1, repeat('x', 20000)), (2, repeat('y', 20000))", cancel);
        await test.RunAsync();
        await admin.ExecuteAsync("ALTER SYSTEM SET synchronous_standby_names = 'nobody'", cancel);
        await ReloadAsync("nobody");
        await using var writer = await source.OpenConnectionAsync(cancel);
        await writer.ExecuteAsync("BEGIN; DELETE FROM t WHERE id = 2; UPDATE t SET id = 2 WHERE id = 1", cancel);
        var committing = writer.ExecuteAsync("COMMIT", cancel);
        await UntilAsync($"SELECT coalesce(wait_event = 'SyncRep', false) FROM pg_stat_activity WHERE pid = {writer.ProcessID}");

        var running = CaptureJob.RunAsync(test.Options with { Clock = clock }, cancel);
        await UntilAsync(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'cdcdms capture' AND query LIKE '%FROM pg_locks%')");
        if (!never)
            await SeenAsync();
        await CommandLine.WaitUntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(running.IsCompleted);
        });
        await running;

        var rows = await test.ReadAsync(
            "public.t", "SELECT Op, id, left(a, 3) FROM {0} WHERE cdc_change_seq <> '' ORDER BY cdc_change_seq");
        Assert.Equal(expected, rows[^1]);
        Assert.Equal(never ? 1 : 0, (await test.MarksAsync()).Count);
        if (never)
            await SeenAsync();
        await committing;

        async Task SeenAsync()
        {
            await admin.ExecuteAsync("ALTER SYSTEM RESET synchronous_standby_names", cancel);
            await ReloadAsync("");
            await committing;
        }

        async Task ReloadAsync(string standbys)
        {
            await admin.ExecuteAsync("SELECT pg_reload_conf()", cancel);
            await UntilAsync($"SELECT current_setting('synchronous_standby_names') = '{standbys}'");
        }

        Task UntilAsync(string condition) => CommandLine.WaitUntilAsync(() => admin.ScalarAsync<bool>(condition, cancel));
    }
}
