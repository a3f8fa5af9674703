using CdcDms.Local.Services;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Recovery;

/// <summary>The source, or what it keeps for the capture, is lost or replaced (docs/recovery.md).</summary>
public sealed class SourceDrills(TestServers servers)
{
    private const string Tables =
        "CREATE TABLE t (id int PRIMARY KEY, v text); CREATE TABLE u (id int PRIMARY KEY); "
        + "INSERT INTO t SELECT i, 'v' || i FROM generate_series(1, 100) i; INSERT INTO u SELECT generate_series(1, 10)";

    private const string Gap = "DELETE FROM t WHERE id <= 10; UPDATE t SET v = 'w' WHERE id <= 20; INSERT INTO t VALUES (101, 'x')";

    [Fact]
    public async Task A_slot_that_is_gone_or_made_anew_is_told_and_a_new_generation_ends_identical()
    {
        await using var source = await servers.CreateDatabaseAsync();
        await using var drill = await Drill.StartAsync(servers, source.ConnectionString, Tables);
        await drill.ArrivesIdenticalAsync();
        const string slots = "FROM pg_replication_slots WHERE database = current_database()";
        var slot = await source.ScalarAsync<string>($"SELECT slot_name::text {slots}");

        await drill.ChangeAsync($"SELECT pg_drop_replication_slot(slot_name) {slots}");
        await drill.ChangeAsync(Gap);
        Assert.Contains($"replication slot {slot} is gone from", await drill.RefusedAsync(), StringComparison.Ordinal);
        await drill.ChangeAsync($"SELECT pg_create_logical_replication_slot('{slot}', 'test_decoding')");
        Assert.Contains("was made anew, with the plugin test_decoding", await drill.RefusedAsync(), StringComparison.Ordinal);
        await drill.ChangeAsync($"SELECT pg_drop_replication_slot('{slot}')");
        await drill.ChangeAsync($"SELECT pg_create_logical_replication_slot('{slot}', 'pgoutput')");
        var sentence = await drill.RefusedAsync();
        Assert.Contains("was made anew or read by another: it stands at", sentence, StringComparison.Ordinal);
        Assert.Contains("Load every row anew by starting it with --generation 2", sentence, StringComparison.Ordinal);

        drill.Options = drill.Options with { Generation = 2 };
        await drill.ArrivesIdenticalAsync();

        // The option says what shall be there, so it may stay.
        await drill.ChangeAsync("DELETE FROM t WHERE id = 101");
        Assert.Equal((0, 1), await drill.CaptureAsync() is var again ? (again.SnapshotRows, again.ChangesCaptured) : default);
        await drill.ArrivesIdenticalAsync();
    }

    [Fact]
    public async Task Another_database_of_the_same_server_is_told_and_a_new_generation_ends_identical()
    {
        await using var source = await servers.CreateDatabaseAsync();
        await using var drill = await Drill.StartAsync(servers, source.ConnectionString, Tables);
        await drill.ArrivesIdenticalAsync();
        await using var restored = await servers.CreateDatabaseAsync();
        drill.Options = drill.Options with { SourceConnection = restored.ConnectionString };
        await drill.ChangeAsync(Tables);
        await drill.ChangeAsync(Gap);

        Assert.Matches("is of database .*, so .* is another one than was captured", await drill.RefusedAsync());

        drill.Options = drill.Options with { Generation = 2 };
        await drill.ArrivesIdenticalAsync();
    }

    [Fact]
    public async Task A_promoted_copy_that_has_all_goes_on_and_one_from_before_the_checkpoint_is_told()
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var server = await EmbeddedPostgres.StartAsync(cancel);
        await using var drill = await Drill.StartAsync(servers, server.ConnectionString(), Tables);
        await drill.ArrivesIdenticalAsync();
        await drill.ChangeAsync("ALTER SYSTEM SET restore_command = 'false'");
        await drill.ChangeAsync("CHECKPOINT");
        await using var early = await server.CopyAsync(cancel);
        await drill.ChangeAsync(Gap);
        await drill.ArrivesIdenticalAsync();
        await drill.ChangeAsync("CHECKPOINT");
        // With this file a server recovers as from an archive, and begins another timeline when that has no more.
        await drill.ChangeAsync(
            "DO $$ BEGIN EXECUTE format('COPY (SELECT 1 WHERE false) TO %L', current_setting('data_directory') || '/recovery.signal'); "
            + "END $$");
        await using var promoted = await server.CopyAsync(cancel);

        // Same system identifier, same timeline, and a WAL that is longer than what was captured.
        drill.Options = drill.Options with { SourceConnection = early.ConnectionString() };
        await drill.ChangeAsync("INSERT INTO u SELECT generate_series(100, 20000)");
        Assert.Contains("has other transactions before", await drill.RefusedAsync(), StringComparison.Ordinal);

        drill.Options = drill.Options with { SourceConnection = promoted.ConnectionString() };
        await drill.ChangeAsync("INSERT INTO t VALUES (102, 'after')");
        await drill.ArrivesIdenticalAsync();
        Assert.Contains("\"timeline\":2", await CheckpointAsync(drill), StringComparison.Ordinal);

        drill.Options = drill.Options with { SourceConnection = early.ConnectionString() };
        Assert.Contains("is on timeline 1, which left the captured timeline 2", await drill.RefusedAsync(), StringComparison.Ordinal);

        drill.Options = drill.Options with { Generation = 2 };
        await drill.ArrivesIdenticalAsync();
    }

    private static async Task<string> CheckpointAsync(Drill drill)
    {
        var lake = drill.Options.Lake;
        using var response = await drill.Options.S3.GetObjectAsync(lake.Bucket, lake.Key("_cdcdms/capture/checkpoint.json"));
        using var reader = new StreamReader(response.ResponseStream);
        return await reader.ReadToEndAsync();
    }
}
