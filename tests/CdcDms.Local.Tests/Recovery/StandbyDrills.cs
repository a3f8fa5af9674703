using System.Collections.Concurrent;
using CdcDms.Contract;
using CdcDms.Local.Capture;
using CdcDms.Local.Services;
using CdcDms.Local.Tests.Capture;
using CdcDms.Local.Tests.Commands;
using CdcDms.Testing;
using Npgsql;

namespace CdcDms.Local.Tests.Recovery;

/// <summary>The source's standby is promoted when the primary is gone (docs/recovery.md).</summary>
public sealed class StandbyDrills(TestServers servers) : IAsyncLifetime
{
    private const string Schema =
        "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT i, 'v' || i FROM generate_series(1, 100) i";

    private const string Gap = "DELETE FROM t WHERE id <= 10; UPDATE t SET v = 'w' WHERE id <= 20; INSERT INTO t VALUES (101, 'x')";

    private const string SlotIsSynced =
        "SELECT count(*) = 1 FROM pg_replication_slots WHERE slot_name LIKE 'cdcdms%' AND synced AND NOT temporary";

    private static readonly string[] Synchronizes = ["sync_replication_slots = on", "hot_standby_feedback = on"];

    private readonly ConcurrentQueue<string> _told = [];

    private EmbeddedPostgres? _primary;
    private EmbeddedPostgres? _standby;
    private Drill _drill = null!;

    public async ValueTask InitializeAsync()
    {
        _primary = await EmbeddedPostgres.StartAsync(TestContext.Current.CancellationToken);
        _drill = await Drill.StartAsync(servers, _primary.ConnectionString(), Schema);
        _drill.Options = _drill.Options with { Progress = Hears.Warnings(_told) };
    }

    public async ValueTask DisposeAsync()
    {
        await _drill.DisposeAsync();
        foreach (var server in (EmbeddedPostgres?[])[_primary, _standby])
            if (server is not null)
                await server.DisposeAsync();
    }

    [Fact]
    public async Task A_promoted_standby_that_has_the_slot_goes_on_and_nothing_is_lost()
    {
        await FollowedAsync(Synchronizes);
        await _drill.ArrivesIdenticalAsync();
        await SyncedAsync();
        await _drill.ChangeAsync(Gap);
        await CaughtUpAsync();
        _drill.Options = _drill.Options with { SourceConnection = _standby!.ConnectionString() };
        var fault = await Assert.ThrowsAsync<CdcDmsException>(_drill.CaptureAsync);
        Assert.EndsWith(
            "is a standby, which the capture cannot write to; connect to its primary, or promote it.", fault.Message,
            StringComparison.Ordinal);

        await FailOverAsync();
        await _drill.ChangeAsync("INSERT INTO t VALUES (102, 'after')");

        Assert.Equal(22, (await _drill.CaptureAsync()).ChangesCaptured);
        await _drill.ArrivesIdenticalAsync();
        Assert.Empty(_told);
    }

    [Fact]
    public async Task A_promoted_standby_without_the_slot_is_told_and_a_new_generation_ends_identical()
    {
        await FollowedAsync();
        await _drill.ArrivesIdenticalAsync();
        await _drill.ChangeAsync(Gap);
        await CaughtUpAsync();
        await FailOverAsync();

        Assert.Matches("replication slot cdcdms_.* is gone from", await _drill.RefusedAsync());

        _drill.Options = _drill.Options with { Generation = 2 };
        await _drill.ArrivesIdenticalAsync();
    }

    [Fact]
    public async Task A_promoted_standby_that_lacks_what_was_captured_is_told_and_a_new_generation_ends_identical()
    {
        await FollowedAsync(Synchronizes);
        await _drill.ArrivesIdenticalAsync();
        await SyncedAsync();
        await CutOffAsync();
        await _drill.ChangeAsync(Gap);
        await _drill.ArrivesIdenticalAsync();
        await FailOverAsync();

        Assert.Matches(
            "is on timeline 2, which left the captured timeline 1 at .*, and the checkpoint is at .*, as after a restore or a failover "
            + "that lost the last changes",
            await _drill.RefusedAsync());

        _drill.Options = _drill.Options with { Generation = 2 };
        await _drill.ArrivesIdenticalAsync();
    }

    [Fact]
    public async Task A_primary_that_waits_for_its_standby_sends_nothing_that_a_failover_would_lose()
    {
        await FollowedAsync(Synchronizes);
        await _drill.ArrivesIdenticalAsync();
        await SyncedAsync();
        await _drill.ChangeAsync($"ALTER SYSTEM SET synchronized_standby_slots = '{StreamingStandby.Slot}'");
        await _drill.ChangeAsync("SELECT pg_reload_conf()");
        await UntilAsync(_primary!, $"SELECT current_setting('synchronized_standby_slots') = '{StreamingStandby.Slot}'");
        await CutOffAsync();
        await _drill.ChangeAsync(Gap);
        using var end = new CancellationTokenSource();
        var capturing = CaptureJob.RunAsync(_drill.Options with { UntilIdle = null, IntervalSeconds = 1 }, end.Token);
        await CommandLine.WaitUntilAsync(() => Task.FromResult(!_told.IsEmpty));
        await end.CancelAsync();
        Assert.Equal(0, (await capturing).ChangesCaptured);
        Assert.Matches(
            @"^No change comes, since .* waits for a standby \(synchronized_standby_slots = standby\), which is away",
            Assert.Single(_told));
        _told.Clear();

        await FailOverAsync();
        await _drill.ChangeAsync("INSERT INTO t VALUES (102, 'after')");

        await _drill.ArrivesIdenticalAsync();
        Assert.Empty(_told);
    }

    private async Task FollowedAsync(params string[] settings) => _standby = await StreamingStandby.StartAsync(_primary!, settings);

    // A standby has a slot for good once the slot has moved on to where the standby could begin to keep it.
    private async Task SyncedAsync() => await CommandLine.WaitUntilAsync(async () =>
    {
        await _drill.ChangeAsync("SELECT pg_log_standby_snapshot()");
        await _drill.ChangeAsync("UPDATE t SET v = v WHERE id = 50");
        await _drill.CaptureAsync();
        return await IsAsync(_standby!, SlotIsSynced);
    });

    private async Task CaughtUpAsync()
    {
        await using var primary = NpgsqlDataSource.Create(_primary!.ConnectionString());
        await using var end = primary.CreateCommand("SELECT pg_current_wal_flush_lsn()::text");
        await UntilAsync(_standby!, $"SELECT pg_last_wal_replay_lsn() >= '{await end.ExecuteScalarAsync()}'");
    }

    private async Task CutOffAsync()
    {
        await ExecuteAsync(_standby!, "ALTER SYSTEM SET primary_conninfo = ''");
        await ExecuteAsync(_standby!, "SELECT pg_reload_conf()");
        await UntilAsync(_standby!, "SELECT NOT EXISTS (SELECT FROM pg_stat_wal_receiver)");
    }

    private async Task FailOverAsync()
    {
        await _primary!.DisposeAsync();
        _primary = null;
        await ExecuteAsync(_standby!, "SELECT pg_promote()");
        _drill.Options = _drill.Options with { SourceConnection = _standby!.ConnectionString() };
    }

    private static async Task ExecuteAsync(EmbeddedPostgres server, string sql)
    {
        await using var source = NpgsqlDataSource.Create(server.ConnectionString());
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private static Task UntilAsync(EmbeddedPostgres server, string sql) => CommandLine.WaitUntilAsync(() => IsAsync(server, sql));

    private static async Task<bool> IsAsync(EmbeddedPostgres server, string sql)
    {
        await using var source = NpgsqlDataSource.Create(server.ConnectionString());
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken) is true;
    }
}
