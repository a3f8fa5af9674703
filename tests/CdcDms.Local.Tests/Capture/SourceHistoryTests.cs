using System.Text.RegularExpressions;
using Amazon.S3.Model;
using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Local.Capture;
using CdcDms.Local.Services;
using CdcDms.Local.Tests.Commands;
using CdcDms.Testing;
using Npgsql;
using NpgsqlTypes;

namespace CdcDms.Local.Tests.Capture;

/// <summary>A capture goes on only where nothing can be missing, and says why when it does not.</summary>
public sealed class SourceHistoryTests(TestServers servers)
{
    private const string Checkpoint = "_cdcdms/capture/checkpoint.json";

    [Fact]
    public async Task A_checkpoint_that_is_not_of_the_source_s_history_or_of_this_lake_is_refused()
    {
        await using var test = await CaptureTest.StartAsync(servers, "CREATE TABLE t (id int PRIMARY KEY)", "public.t");
        await test.RunAsync();
        var written = await test.TextAsync(Checkpoint);
        await test.Source.ExecuteAsync("INSERT INTO t VALUES (1)");

        Assert.Matches("the checkpoint is at FFFF/0, and the WAL of .* ends at", await FaultAsync("\"lsn\":\".*?\"", "\"lsn\":\"FFFF/0\""));
        Assert.Matches("is another database cluster", await FaultAsync("\"system\":\"", "\"system\":\"9"));
        Assert.Matches("left the captured timeline 7 before it began", await FaultAsync("\"timeline\":1", "\"timeline\":7"));
        Assert.Matches("was copied from another lake", await FaultAsync("\"slot\":\"cdcdms_", "\"slot\":\"cdcdms_x"));
        await PutAsync(written);
        Assert.Equal(1, (await test.RunAsync()).ChangesCaptured);

        async Task<string> FaultAsync(string pattern, string replacement)
        {
            await PutAsync(Regex.Replace(written, pattern, replacement));
            return (await Assert.ThrowsAsync<CdcDmsException>(test.RunAsync)).Message;
        }

        Task PutAsync(string text) => test.Options.S3.PutObjectAsync(
            new() { BucketName = test.Options.Lake.Bucket, Key = test.Options.Lake.Key(Checkpoint), ContentBody = text });
    }

    [Fact]
    public void A_former_timeline_ended_where_the_history_says()
    {
        const string history = "1\t0/3000158\tno recovery target specified\n\n2\t1/A0\tbefore 2026-01-01 00:00:00+00\n";

        Assert.Equal(NpgsqlLogSequenceNumber.Parse("1/A0"), Resumption.EndOf(2, history));
        Assert.Equal(NpgsqlLogSequenceNumber.Parse("0/3000158"), Resumption.EndOf(1, history));
        Assert.Null(Resumption.EndOf(3, history));
    }

    [Fact]
    public void A_slot_is_named_after_its_lake_and_the_lake_s_server()
    {
        var lake = new LakeUri("lake", "shop");
        string[] names =
        [
            Slot.NameFor(lake, null), Slot.NameFor(lake, "http://127.0.0.1:9000"), Slot.NameFor(lake, "http://127.0.0.1:9001"),
            Slot.NameFor(new LakeUri("lake", "shop2"), null),
        ];

        Assert.Equal(names, names.Distinct());
        Assert.Equal(Slot.NameFor(lake, "http://s3.test"), Slot.NameFor(lake, "HTTP://S3.test:80/"));
    }

    [Fact]
    public async Task A_capture_that_begins_while_another_ends_reads_the_checkpoint_after_it()
    {
        await using var test = await CaptureTest.StartAsync(servers, "CREATE TABLE t (id int PRIMARY KEY)", "public.t");
        await test.RunAsync();
        await test.Source.ExecuteAsync("INSERT INTO t VALUES (1)");
        using var slow = new SlowCheckpoint(servers);

        var first = CaptureJob.RunAsync(test.Options with { S3 = slow }, TestContext.Current.CancellationToken);
        await slow.Reached.Task;
        var second = test.RunAsync("INSERT INTO t VALUES (2)");
        await test.WaitAsync(
            "SELECT count(*) = 1 FROM pg_stat_activity WHERE query LIKE '%pg_try_advisory_lock%' AND datname = current_database() "
            + "AND application_name = 'cdcdms capture'");
        slow.GoOn.SetResult();

        await first;
        await second;
        Assert.Equal(["1", "2"], await test.ReadAsync("public.t", "SELECT id FROM {0} ORDER BY id"));
    }

    [Fact]
    public async Task An_invalidated_slot_is_told_as_what_it_is()
    {
        await using var server = await EmbeddedPostgres.StartAsync(TestContext.Current.CancellationToken);
        await using var source = NpgsqlDataSource.Create(server.ConnectionString());
        await using var test = await CaptureTest.StartAsync(servers, "SELECT 1", "public.t");
        await ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY)");
        test.Options = test.Options with { SourceConnection = server.ConnectionString() };
        await test.RunAsync();

        await ExecuteAsync("ALTER SYSTEM SET max_slot_wal_keep_size = '1MB'");
        await ExecuteAsync("SELECT pg_reload_conf()");
        for (var segment = 0; segment < 4; segment++)
            await ExecuteAsync($"INSERT INTO t VALUES ({segment})", "SELECT pg_switch_wal()");
        await ExecuteAsync("CHECKPOINT");
        var fault = await Assert.ThrowsAsync<CdcDmsException>(test.RunAsync);

        Assert.Contains("has invalidated replication slot", fault.Message, StringComparison.Ordinal);
        Assert.Contains("(wal_removed)", fault.Message, StringComparison.Ordinal);
        Assert.Contains("starting it with --generation 2", fault.Message, StringComparison.Ordinal);

        async Task ExecuteAsync(params string[] statements)
        {
            foreach (var sql in statements)
            {
                await using var command = source.CreateCommand(sql);
                await command.ExecuteNonQueryAsync();
            }
        }
    }

    [Fact]
    public async Task A_capture_whose_publication_is_gone_is_not_promised_to_go_on()
    {
        await using var test = await CaptureTest.StartAsync(servers, "CREATE TABLE t (id int PRIMARY KEY)", "public.t");
        await test.RunAsync();
        var running = CaptureJob.RunAsync(
            test.Options with { UntilIdle = null, IntervalSeconds = 3600 }, TestContext.Current.CancellationToken);
        await test.WaitAsync("SELECT count(*) = 1 FROM pg_replication_slots WHERE database = current_database() AND active");

        await test.Source.ExecuteAsync("DO $$ BEGIN EXECUTE 'DROP PUBLICATION ' || (SELECT pubname FROM pg_publication); END $$");
        await test.Source.ExecuteAsync("INSERT INTO t VALUES (1)");
        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => running);

        Assert.Matches("cannot go on, since changes may be missing: publication cdcdms_.* is gone", fault.Message);
    }

    [Fact]
    public async Task A_publication_that_was_dropped_and_made_anew_by_hand_is_not_promised_to_go_on()
    {
        await using var test = await CaptureTest.StartAsync(servers, "CREATE TABLE t (id int PRIMARY KEY)", "public.t");
        await test.RunAsync();
        var publication = await test.PublicationAsync();
        await test.Source.ExecuteAsync($"DROP PUBLICATION {publication}");
        await test.Source.ExecuteAsync("INSERT INTO t VALUES (1)");
        await test.Source.ExecuteAsync(
            $"CREATE PUBLICATION {publication} FOR TABLE ONLY t, ONLY cdcdms.marker WITH (publish_via_partition_root = true)");

        for (var start = 0; start < 2; start++)
            Assert.Matches(
                "cannot go on, since changes may be missing: publication cdcdms_.* was gone .* for a time.* --generation 2",
                (await Assert.ThrowsAsync<CdcDmsException>(test.RunAsync)).Message);
    }

    [Fact]
    public async Task A_source_that_is_stopped_in_an_orderly_way_ends_the_capture_with_a_sentence()
    {
        await using var server = await EmbeddedPostgres.StartAsync(TestContext.Current.CancellationToken);
        await using var source = NpgsqlDataSource.Create(server.ConnectionString());
        await using var test = await CaptureTest.StartAsync(servers, "SELECT 1", "public.t");
        test.Options = test.Options with { SourceConnection = server.ConnectionString() };
        await using (var create = source.CreateCommand("CREATE TABLE t (id int PRIMARY KEY)"))
            await create.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await test.RunAsync();
        var running = CaptureJob.RunAsync(
            test.Options with { UntilIdle = null, IntervalSeconds = 3600 }, TestContext.Current.CancellationToken);
        await using var find = source.CreateCommand(
            "SELECT split_part(pg_read_file('postmaster.pid'), E'\n', 1) FROM pg_replication_slots WHERE active");
        string? process = null;
        await CommandLine.WaitUntilAsync(async () =>
            (process = (string?)await find.ExecuteScalarAsync(TestContext.Current.CancellationToken)) is not null);

        using (var stop = System.Diagnostics.Process.Start("kill", ["-INT", process!]))
            await stop.WaitForExitAsync(TestContext.Current.CancellationToken);
        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => running.WaitAsync(TimeSpan.FromMinutes(1)));

        Assert.Equal(ErrorKind.Unavailable, fault.Kind);
        Assert.Contains(
            "failed: it ended the stream, as a server does that is stopped or restarted. ", fault.Message, StringComparison.Ordinal);
        Assert.Contains("start the capture again; it goes on from its checkpoint", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_checkpoint_that_cannot_be_read_is_told_with_a_cure()
    {
        await using var test = await CaptureTest.StartAsync(servers, "CREATE TABLE t (id int PRIMARY KEY)", "public.t");
        await test.Options.S3.PutObjectAsync(
            new() { BucketName = test.Options.Lake.Bucket, Key = test.Options.Lake.Key(Checkpoint), ContentBody = "{\"phase\":" });

        Assert.EndsWith(
            "bring back an older version of the object, or use a new prefix and new targets.",
            (await Assert.ThrowsAsync<CdcDmsException>(test.RunAsync)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_s_time_limits_end_neither_snapshot_nor_stream()
    {
        await using var test = await CaptureTest.StartAsync(
            servers,
            "CREATE TABLE t (id int PRIMARY KEY, a text); INSERT INTO t SELECT i, repeat('x', 1000) FROM generate_series(1, 20000) i",
            "public.t");
        var role = $"r{Guid.NewGuid():N}";
        await test.Source.ExecuteAsync($"CREATE ROLE {role} SUPERUSER LOGIN PASSWORD 'p'");
        await test.Source.ExecuteAsync(
            $"ALTER ROLE {role} SET transaction_timeout = '300ms'; ALTER ROLE {role} SET statement_timeout = '300ms'; "
            + $"ALTER ROLE {role} SET lock_timeout = '300ms'");
        using var slow = new SlowLoad(servers, () => test.WaitAsync(
            $"SELECT bool_or(clock_timestamp() - xact_start > '600ms') FROM pg_stat_activity WHERE usename = '{role}'"));
        test.Options = test.Options with
        {
            S3 = slow,
            SourceConnection =
                new NpgsqlConnectionStringBuilder(test.Options.SourceConnection) { Username = role, Password = "p" }.ConnectionString,
        };

        Assert.Equal(20000, (await test.RunAsync()).SnapshotRows);
        Assert.Equal(20000, (await test.RunAsync("UPDATE t SET a = 'y'")).ChangesCaptured);
    }

    /// <summary>A client whose uploads of LOAD files wait: the snapshot's transaction stays open.</summary>
    private sealed class SlowLoad(TestServers servers, Func<Task> wait) : Amazon.S3.AmazonS3Client(
        new Amazon.Runtime.BasicAWSCredentials(servers.S3Server.AccessKeyId, servers.S3Server.SecretAccessKey),
        (Amazon.S3.AmazonS3Config)servers.S3.Config)
    {
        public override async Task<PutObjectResponse> PutObjectAsync(
            PutObjectRequest request, CancellationToken cancellationToken = default)
        {
            if (request.Key.Contains("/LOAD", StringComparison.Ordinal))
                await wait();
            return await base.PutObjectAsync(request, cancellationToken);
        }
    }

    /// <summary>A client whose first upload of a checkpoint waits until it is let go.</summary>
    private sealed class SlowCheckpoint(TestServers servers) : Amazon.S3.AmazonS3Client(
        new Amazon.Runtime.BasicAWSCredentials(servers.S3Server.AccessKeyId, servers.S3Server.SecretAccessKey),
        (Amazon.S3.AmazonS3Config)servers.S3.Config)
    {
        public TaskCompletionSource Reached { get; } = new();

        public TaskCompletionSource GoOn { get; } = new();

        public override async Task<PutObjectResponse> PutObjectAsync(
            PutObjectRequest request, CancellationToken cancellationToken = default)
        {
            if (request.Key.EndsWith("checkpoint.json", StringComparison.Ordinal) && Reached.TrySetResult())
                await GoOn.Task;
            return await base.PutObjectAsync(request, cancellationToken);
        }
    }
}
