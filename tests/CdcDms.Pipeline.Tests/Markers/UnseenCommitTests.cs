using CdcDms.Local.Services;
using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Tests.Markers;

/// <summary>A commit whose record is in the write-ahead log, before a marker's, and which nobody sees yet.</summary>
public sealed class UnseenCommitTests
{
    [Fact]
    public async Task A_commit_that_waits_for_a_replica_is_waited_for_although_no_snapshot_names_its_transaction()
    {
        // A server of its own: every commit of it waits for a replica that never comes.
        await using var server = await EmbeddedPostgres.StartAsync(TestContext.Current.CancellationToken);
        await using var source = await OpenAsync(server);
        await MarkerSchema.EnsureAsync(source, CancellationToken.None);
        await source.ExecuteAsync("CREATE TABLE orders (id integer PRIMARY KEY)", CancellationToken.None);
        await source.ExecuteAsync("ALTER SYSTEM SET synchronous_standby_names = 'none'", CancellationToken.None);
        await source.ExecuteAsync("SELECT pg_reload_conf()", CancellationToken.None);
        await UntilAsync(source, "SELECT current_setting('synchronous_standby_names') = 'none'");
        // The marker's transaction has the lower number and the later commit, so that a snapshot ends before the other one's number.
        await using var marking = await OpenAsync(server);
        await marking.ExecuteAsync("SET synchronous_commit = local", CancellationToken.None);
        await marking.ExecuteAsync("BEGIN", CancellationToken.None);
        await marking.ExecuteAsync("INSERT INTO cdcdms.marker (number, interval_seconds) VALUES (1, 60)", CancellationToken.None);
        await using var writer = await OpenAsync(server);
        await writer.ExecuteAsync("BEGIN", CancellationToken.None);
        await writer.ExecuteAsync("INSERT INTO orders VALUES (1)", CancellationToken.None);
        var transaction = await writer.ScalarAsync<string>("SELECT pg_current_xact_id()::text", CancellationToken.None);
        var committing = writer.ExecuteAsync("COMMIT", CancellationToken.None);
        await UntilAsync(source, $"SELECT coalesce(wait_event = 'SyncRep', false) FROM pg_stat_activity WHERE pid = {writer.ProcessID}");

        await marking.ExecuteAsync("COMMIT", CancellationToken.None);
        var isKnown = await source.ScalarAsync<bool>(
            $"SELECT EXISTS (SELECT FROM pg_snapshot_xip(pg_current_snapshot()) x WHERE x::text = '{transaction}') "
            + "OR EXISTS (SELECT FROM orders)",
            CancellationToken.None);
        var orders = new TableName("public", "orders");
        // What says that a marker is settled would wait for the replica as well.
        await source.ExecuteAsync("SET synchronous_commit = local", CancellationToken.None);
        var fault = await Record.ExceptionAsync(
            () => new Settlement(source, TimeSpan.Zero).SettleAsync(Guid.NewGuid(), orders, CancellationToken.None));
        await source.ExecuteAsync("ALTER SYSTEM RESET synchronous_standby_names", CancellationToken.None);
        await source.ExecuteAsync("SELECT pg_reload_conf()", CancellationToken.None);
        await committing;
        await new Settlement(source, TimeSpan.FromMinutes(1)).SettleAsync(Guid.NewGuid(), orders, CancellationToken.None);

        Assert.False(isKnown);
        Assert.Contains(
            $"the session {writer.ProcessID} (", Assert.IsType<CdcDmsException>(fault).Message, StringComparison.Ordinal);
        Assert.Equal(1, await source.ScalarAsync<long>("SELECT count(*) FROM orders", CancellationToken.None));
    }

    private static Task<NpgsqlConnection> OpenAsync(EmbeddedPostgres server) => Database.OpenAsync(
        new NpgsqlConnectionStringBuilder(server.ConnectionString()) { Pooling = false }.ConnectionString, "source",
        CancellationToken.None);

    private static async Task UntilAsync(NpgsqlConnection connection, string condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!await connection.ScalarAsync<bool>(condition, CancellationToken.None))
            await Task.Delay(20, deadline.Token);
    }
}
