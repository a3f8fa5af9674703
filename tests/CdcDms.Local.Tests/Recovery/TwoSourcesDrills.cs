using System.Collections.Concurrent;
using CdcDms.Contract;
using CdcDms.Local.Capture;
using CdcDms.Local.Services;
using CdcDms.Local.Tests.Capture;
using CdcDms.Local.Tests.Commands;
using CdcDms.Testing;
using Microsoft.Extensions.Time.Testing;

namespace CdcDms.Local.Tests.Recovery;

/// <summary>Two servers that both were the source of one lake: after a failover, or by mistake at once.</summary>
public sealed class TwoSourcesDrills(TestServers servers)
{
    private const string Schema =
        "CREATE TABLE t (id int PRIMARY KEY, v text); CREATE TABLE good (id int PRIMARY KEY); INSERT INTO t VALUES (1, 'a')";

    [Theory]
    [InlineData("checkpoint", 0, 60)]
    [InlineData(".parquet", 1, 0)]
    public async Task A_failover_that_lost_uploaded_files_marks_their_tables(string diesAt, int uploadsBefore, int interval)
    {
        var cancel = TestContext.Current.CancellationToken;
        await using var server = await EmbeddedPostgres.StartAsync(cancel);
        await using var drill = await Drill.StartAsync(servers, server.ConnectionString(), Schema);
        await drill.ArrivesIdenticalAsync();
        await drill.ChangeAsync("INSERT INTO good VALUES (1)");
        await drill.ArrivesIdenticalAsync();
        await drill.ChangeAsync("ALTER SYSTEM SET restore_command = 'false'");
        await drill.ChangeAsync("CHECKPOINT");
        // With this file a server recovers as from an archive, and begins another timeline when that has no more.
        await drill.ChangeAsync(
            "DO $$ BEGIN EXECUTE format('COPY (SELECT 1 WHERE false) TO %L', current_setting('data_directory') || '/recovery.signal'); "
            + "END $$");
        await using var promoted = await server.CopyAsync(cancel);
        // The copy does not have these. They are uploaded, and the checkpoint is not written any more, or only one that does not speak of
        // them, since the transaction is open.
        await drill.ChangeAsync("UPDATE t SET v = 'lost'; INSERT INTO t VALUES (2, 'lost')");
        var alive = drill.Options;
        using (var dying = new FailingS3(
            servers, key => key.Contains(diesAt, StringComparison.Ordinal), afterUpload: false, uploadsBefore))
        {
            drill.Options = alive with { S3 = dying, IntervalSeconds = interval };
            await Assert.ThrowsAsync<DeathException>(drill.CaptureAsync);
        }

        var told = new ConcurrentQueue<string>();
        drill.Options = alive with { SourceConnection = promoted.ConnectionString(), Progress = Hears.Warnings(told) };
        await drill.CaptureAsync();

        var sentence = Assert.Single(told);
        Assert.StartsWith("public.t may differ from the source", sentence, StringComparison.Ordinal);
        Assert.Contains("files were written after the last checkpoint", sentence, StringComparison.Ordinal);

        // It is told again at each start, and once.
        await drill.ChangeAsync("INSERT INTO t VALUES (3, 'after')");
        told.Clear();
        await drill.CaptureAsync();
        Assert.Equal(sentence, Assert.Single(told));
    }

    [Fact]
    public async Task A_capture_of_the_old_server_that_still_runs_ends_and_leaves_the_new_one_s_checkpoint_alone()
    {
        await using var old = await servers.CreateDatabaseAsync();
        await using var server = await EmbeddedPostgres.StartAsync(TestContext.Current.CancellationToken);
        await using var drill = await Drill.StartAsync(servers, old.ConnectionString, Schema);
        await drill.ArrivesIdenticalAsync();
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var left = CaptureJob.RunAsync(
            drill.Options with { UntilIdle = null, IntervalSeconds = 3600, Clock = clock }, TestContext.Current.CancellationToken);
        await CommandLine.WaitUntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
            return old.ScalarAsync<bool>("SELECT count(*) = 1 FROM pg_replication_slots WHERE database = current_database() AND active");
        });
        drill.Options = drill.Options with { SourceConnection = server.ConnectionString(), Generation = 2 };
        await drill.ChangeAsync(Schema);
        await drill.ArrivesIdenticalAsync();

        await old.ExecuteAsync("INSERT INTO t VALUES (7, 'z')");
        await CommandLine.WaitUntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromHours(1));
            return Task.FromResult(left.IsCompleted);
        });
        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => left);
        Assert.Equal(ErrorKind.Conflict, fault.Kind);
        Assert.Contains("Another capture has written the checkpoint", fault.Message, StringComparison.Ordinal);

        await drill.ChangeAsync("UPDATE t SET v = 'c'");
        await drill.ArrivesIdenticalAsync();
    }

    [Fact]
    public async Task A_generation_whose_folder_has_another_s_files_is_not_begun()
    {
        await using var source = await servers.CreateDatabaseAsync();
        await using var drill = await Drill.StartAsync(servers, source.ConnectionString, Schema);
        await drill.CaptureAsync();
        var lake = drill.Options.Lake;
        await drill.Options.S3.PutObjectAsync(
            new() { BucketName = lake.Bucket, Key = lake.Key("g004/public/t/LOAD00000001.parquet"), ContentBody = "" });
        var right = drill.Options;

        drill.Options = right with { Generation = 3 };
        var fault = await Assert.ThrowsAsync<CdcDmsException>(drill.CaptureAsync);

        Assert.Equal(ErrorKind.BadDefinition, fault.Kind);
        Assert.Contains(
            "has files of generation 4, which no capture has written that its checkpoint knows; begin a later one with --generation 5",
            fault.Message,
            StringComparison.Ordinal);
        drill.Options = right;
        await drill.CaptureAsync();
    }
}
