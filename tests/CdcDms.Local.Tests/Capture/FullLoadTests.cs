using System.Collections.Concurrent;
using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Local.Capture;
using CdcDms.Local.Services;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Capture;

public sealed class FullLoadTests(TestServers servers)
{
    private const string Big =
        "CREATE TABLE t (id int PRIMARY KEY, a text); INSERT INTO t SELECT i, repeat('x', 1000) FROM generate_series(1, 2500) i";

    [Fact]
    public async Task Every_row_is_in_the_snapshot_or_in_the_stream_and_never_in_both_while_writers_run()
    {
        await using var test = await CaptureTest.StartAsync(servers, Writers.Schema, "public.log", "public.rows");
        var writers = new Writers(test.Source, sessions: 4);
        await test.WaitAsync("SELECT count(*) > 600 FROM log");
        using var cancel = new CancellationTokenSource();
        var totals = await CaptureJob.RunAsync(
            test.Options with { UntilIdle = null, IntervalSeconds = 1, Progress = Hears.CancelAfter(100, cancel) }, cancel.Token);
        await writers.StopAsync();
        await test.RunAsync();

        Assert.True(totals.SnapshotRows > 620, $"{totals}");
        var rows = await test.Source.ScalarAsync<long>("SELECT count(*) FROM log");
        Assert.Equal(
            [$"{rows}|{rows}"],
            await test.ReadAsync("public.log", "SELECT count(DISTINCT id), count(DISTINCT (id, cdc_change_seq)) FROM {0}"));
        var source = await test.Source.ScalarAsync<string[]>("SELECT array_agg(id || '|' || n ORDER BY id) FROM rows");
        Assert.Equal(
            source!, await test.ReadAsync("public.rows", "SELECT id, arg_max(n, cdc_change_seq) FROM {0} GROUP BY id ORDER BY id"));
    }

    [Fact]
    public async Task A_manifest_names_the_objects_of_each_table_also_of_an_empty_one()
    {
        await using var test = await CaptureTest.StartAsync(
            servers, Big + "; CREATE TABLE none (id int PRIMARY KEY)", "public.t", "public.none");
        test.Options = test.Options with { LoadFileMegabytes = 1 };

        var totals = await test.RunAsync();

        Assert.Equal(new CaptureTotals(2500, 0, 3), totals);
        Assert.Equal(
            ["g001/public/t/LOAD00000001.parquet", "g001/public/t/LOAD00000002.parquet", "g001/public/t/LOAD00000003.parquet"],
            await test.KeysAsync("g001/public/"));
        var full = await ManifestAsync(test, "t");
        Assert.Equal(await ObjectsAsync(test), full.Objects.Select(entry => (entry.Key, entry.ETag)));
        Assert.Empty((await ManifestAsync(test, "none")).Objects);
    }

    [Theory]
    [InlineData("ALTER TABLE later ADD COLUMN x uuid DEFAULT gen_random_uuid()", "1;2")]
    [InlineData("ALTER TABLE later ALTER id TYPE bigint", "1;2")]
    [InlineData("TRUNCATE later; INSERT INTO later VALUES (3)", "3;3")]
    [InlineData("VACUUM FULL later", "1;2")]
    public async Task A_table_whose_rows_an_alteration_hides_from_the_snapshot_is_read_after_it(string alteration, string rows)
    {
        await using var test = await CaptureTest.StartAlteredAsync(
            servers, "CREATE TABLE later (id int PRIMARY KEY); INSERT INTO later VALUES (1), (2)", alteration);

        var totals = await test.RunAsync();

        Assert.DoesNotContain(await test.MarksAsync(), mark => mark.Contains("GivenUp", StringComparison.Ordinal));
        Assert.Equal(0, totals.TablesRefused);
        Assert.Equal(1, (await test.KeysAsync("_cdcdms/manifests/")).Count(key => key.Contains("later", StringComparison.Ordinal)));
        Assert.Equal(rows, string.Join(';', await test.ReadAsync("public.later", "SELECT id FROM {0} ORDER BY id")));
        Assert.DoesNotContain("\"unloaded\":[\"", await test.TextAsync("_cdcdms/capture/checkpoint.json"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_whose_file_is_gone_at_the_source_is_given_up_and_the_others_are_read()
    {
        await using var server = await EmbeddedPostgres.StartAsync(TestContext.Current.CancellationToken);
        await using var source = Npgsql.NpgsqlDataSource.Create(server.ConnectionString());
        await using var test = await CaptureTest.StartAsync(servers, "SELECT 1", "public.broken", "public.good");
        test.Options = test.Options with { SourceConnection = server.ConnectionString() };
        await ExecuteAsync(
            "CREATE TABLE good (id int PRIMARY KEY); INSERT INTO good VALUES (1); CREATE TABLE broken (id int PRIMARY KEY); "
            + "INSERT INTO broken VALUES (1)");
        await ExecuteAsync("CHECKPOINT");
        await using (var find = source.CreateCommand("SELECT current_setting('data_directory') || '/' || pg_relation_filepath('broken')"))
            File.Delete((string)(await find.ExecuteScalarAsync(TestContext.Current.CancellationToken))!);

        var totals = await test.RunAsync();

        Assert.Equal((1, 1), (totals.SnapshotRows, totals.TablesRefused));
        Assert.StartsWith(
            "broken GivenUp: its rows cannot be read: could not open file",
            Assert.Single(await test.MarksAsync()),
            StringComparison.Ordinal);
        await ExecuteAsync("INSERT INTO good VALUES (2)");
        Assert.Equal(1, (await test.RunAsync()).ChangesCaptured);

        async Task ExecuteAsync(string sql)
        {
            await using var command = source.CreateCommand(sql);
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Rows_of_the_snapshot_are_inserts_without_a_version_at_one_time()
    {
        await using var test = await CaptureTest.StartAsync(servers,
            "CREATE TABLE t (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) STORED, a text); INSERT INTO t (id, a) VALUES (1, "
            + "''), (2, NULL)", "public.t");
        var before = await test.Source.ScalarAsync<string>(
            "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')");

        await test.RunAsync();
        await test.RunAsync("INSERT INTO t (id, a) VALUES (3, 'c')");

        Assert.Equal(
            ["I||1|", "I||2|∅"], await test.ReadAsync("public.t", "SELECT Op, cdc_change_seq, id, a FROM {0} ORDER BY id", "LOAD"));
        Assert.Equal(
            ["1|true"],
            await test.ReadAsync("public.t", $"SELECT count(DISTINCT cdc_timestamp), min(cdc_timestamp) >= '{before}' FROM {{0}}", "LOAD"));
        // pgoutput leaves stored generated columns out; the snapshot must not have more.
        Assert.Equal(["5"], await test.ReadAsync("public.t", "SELECT count(*) FROM (DESCRIBE SELECT * FROM {0})"));
    }

    [Theory]
    [InlineData("LOAD", 1)]
    [InlineData("manifests/public/t", 0)]
    [InlineData("checkpoint", 1)]
    public async Task A_kill_during_the_snapshot_starts_a_new_generation(string at, int uploadsBefore)
    {
        await using var test = await CaptureTest.StartAsync(servers, Big, "public.t");
        test.Options = test.Options with { LoadFileMegabytes = 1 };
        var alive = test.Options;
        using (var dying = new FailingS3(servers, key => key.Contains(at, StringComparison.Ordinal), afterUpload: false, uploadsBefore))
        {
            test.Options = alive with { S3 = dying };
            await Assert.ThrowsAsync<DeathException>(test.RunAsync);
        }

        test.Options = alive;
        await test.RunAsync("DELETE FROM t WHERE id > 1500");
        await test.RunAsync("UPDATE t SET a = 'y' WHERE id = 1");

        var manifest = await ManifestAsync(test, "t");
        Assert.Equal(2, manifest.Generation);
        // What the killed snapshot wrote is in a folder of its own.
        Assert.Equal(
            manifest.Objects.Select(entry => (entry.Key, entry.ETag)),
            (await ObjectsAsync(test, generation: 2)).Where(entry => ChangeFileName.IsLoad(entry.Key)));
        Assert.Equal(["1500|1501"], await test.ReadAsync("public.t", "SELECT count(DISTINCT id), count(*) FROM {0}"));
    }

    [Fact]
    public async Task A_cancelled_snapshot_is_begun_anew()
    {
        await using var test = await CaptureTest.StartAsync(servers, Big, "public.t");
        using var cancel = new CancellationTokenSource();
        var told = new ConcurrentQueue<string>();
        var alive = test.Options with { Progress = Hears.Warnings(told) };
        using (var cancelling = new FailingS3(
            servers, key => { if (key.Contains("LOAD", StringComparison.Ordinal)) cancel.Cancel(); return false; }, afterUpload: false))
            Assert.Equal(0, (await CaptureJob.RunAsync(alive with { S3 = cancelling }, cancel.Token)).SnapshotRows);

        Assert.Equal(
            "The snapshot was cut off, and nothing of it counts: the next start of the capture begins it anew.", Assert.Single(told));
        Assert.Equal(2500, (await test.RunAsync()).SnapshotRows);
    }

    private static async Task<SnapshotManifest> ManifestAsync(CaptureTest test, string table) =>
        JsonSerializer.Deserialize(
            await test.TextAsync((await test.KeysAsync($"_cdcdms/manifests/public/{table}/"))[^1]),
            ContractJson.Default.SnapshotManifest)!;

    private static async Task<IEnumerable<(string Key, string ETag)>> ObjectsAsync(CaptureTest test, int generation = 1) =>
        (await test.Options.S3.ListObjectsV2Async(
            new() { BucketName = test.Options.Lake.Bucket, Prefix = test.Options.Lake.TablePrefix(new("public", "t"), generation) }))
        .S3Objects.Select(entry => (entry.Key, entry.ETag.Trim('"')));
}
