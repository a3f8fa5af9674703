using System.Text.RegularExpressions;
using CdcDms.Contract;
using CdcDms.Local.Capture;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Capture;

/// <summary>Nothing is lost by a kill, and what is repeated has the sequences that it had (docs/dms-contract.md#redelivery).</summary>
public sealed class ResumeTests(TestServers servers)
{
    [Theory]
    [InlineData(".parquet", false, 30)]
    [InlineData(".parquet", true, 30 + 10)]
    [InlineData("checkpoint", false, 30 + 20)]
    [InlineData("checkpoint", true, 30)]
    public async Task A_kill_at_an_upload_loses_nothing_and_repeats_with_the_same_versions(string at, bool afterUpload, int rows)
    {
        await using var test = await CaptureTest.StartAsync(
            servers, "CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY)", "public.t", "public.u");
        await test.RunAsync();
        await test.Source.ExecuteAsync("INSERT INTO t SELECT generate_series(1, 10); INSERT INTO u SELECT generate_series(1, 10)");
        var alive = test.Options;
        using (var dying = new FailingS3(servers, key => key.Contains(at, StringComparison.Ordinal), afterUpload))
        {
            test.Options = alive with { S3 = dying };
            await Assert.ThrowsAsync<DeathException>(test.RunAsync);
        }

        test.Options = alive;
        await test.RunAsync("INSERT INTO t SELECT generate_series(11, 20)");

        var read = new List<string>();
        foreach (var table in new[] { "public.t", "public.u" })
            read.AddRange(
                await test.ReadAsync(table, "SELECT count(*), count(DISTINCT id), count(DISTINCT (id, cdc_change_seq)) FROM {0}"));
        Assert.Equal(rows, read.Sum(counts => int.Parse(counts.Split('|')[0], null)));
        Assert.Equal(["20|20", "10|10"], read.Select(counts => counts[(counts.IndexOf('|', StringComparison.Ordinal) + 1)..]));
    }

    [Fact]
    public async Task A_transaction_of_which_files_and_checkpoints_were_written_is_read_again_as_a_whole_after_a_kill()
    {
        await using var test = await CaptureTest.StartAsync(servers, "CREATE TABLE t (id int PRIMARY KEY)", "public.t");
        await test.RunAsync();
        await test.Source.ExecuteAsync("INSERT INTO t SELECT generate_series(1, 30)");
        var alive = test.Options;
        using (var dying = new FailingS3(
            servers, key => key.EndsWith(".parquet", StringComparison.Ordinal), afterUpload: false, uploadsBefore: 20))
        {
            // An interval of nothing flushes after each message, also in the middle of the transaction.
            test.Options = alive with { S3 = dying, IntervalSeconds = 0 };
            await Assert.ThrowsAsync<DeathException>(test.RunAsync);
        }

        test.Options = alive;
        await test.RunAsync();

        Assert.Equal(
            ["50|30|30"],
            await test.ReadAsync("public.t", "SELECT count(*), count(DISTINCT id), count(DISTINCT (id, cdc_change_seq)) FROM {0}"));
        Assert.Equal(21, (await test.KeysAsync("g001/public/t/")).Count);
    }

    [Fact]
    public async Task Kills_of_the_stream_under_load_lose_nothing_and_versions_of_a_row_strictly_rise()
    {
        await using var test = await CaptureTest.StartAsync(servers, Writers.Schema, "public.log", "public.rows");
        await test.RunAsync();
        var writers = new Writers(test.Source, sessions: 4);
        var idle = test.Options;
        // Small files and intervals, so that files are closed in the middle of what is then read again.
        test.Options = idle with { UntilIdle = null, IntervalSeconds = 1 };
        for (var kill = 0; kill < 3; kill++)
        {
            var running = test.RunAsync();
            await test.WaitAsync(
                $"SELECT count(*) = 1 FROM pg_stat_replication WHERE application_name = 'cdcdms capture' AND pid IN ({Walsender})");
            await test.WaitAsync(
                $"SELECT max(id) > {await test.Source.ScalarAsync<long>("SELECT max(id) FROM log") + 300 * (kill + 1)} FROM log");
            await test.Source.ExecuteAsync($"SELECT pg_terminate_backend(pid) FROM ({Walsender}) w (pid)");
            Assert.Equal(ErrorKind.Unavailable, (await Assert.ThrowsAsync<CdcDmsException>(() => running)).Kind);
        }

        await writers.StopAsync();
        test.Options = idle;
        await test.RunAsync();

        var rows = await test.Source.ScalarAsync<long>("SELECT count(*) FROM log");
        Assert.Equal(
            [$"{rows}|{rows}"],
            await test.ReadAsync("public.log", "SELECT count(DISTINCT id), count(DISTINCT (id, cdc_change_seq)) FROM {0}"));
        const string changes = "(SELECT DISTINCT id, n, cdc_change_seq AS v FROM {0})";
        Assert.Equal(["0"], await test.ReadAsync(
            "public.rows",
            $"SELECT count(*) FROM (SELECT n, v, lag(n) OVER w AS before, lag(v) OVER w AS below FROM {changes} WINDOW w AS (PARTITION BY "
            + "id ORDER BY v, n)) WHERE n <> before + 1 OR v <= below"));
        var source = await test.Source.ScalarAsync<string[]>("SELECT array_agg(id || '|' || n ORDER BY id) FROM rows");
        Assert.Equal(
            source!, await test.ReadAsync("public.rows", "SELECT id, arg_max(n, cdc_change_seq) FROM {0} GROUP BY id ORDER BY id"));
    }

    [Fact]
    public async Task Versions_never_fall_when_the_clock_of_the_source_does()
    {
        await using var test = await CaptureTest.StartAsync(servers, "CREATE TABLE t (id int PRIMARY KEY)", "public.t");
        await test.RunAsync();
        const string checkpoint = "_cdcdms/capture/checkpoint.json";
        var ahead = Regex.Replace(
            await test.TextAsync(checkpoint), "\"largestCommitUtc\":\"[^\"]*\"", "\"largestCommitUtc\":\"2999-12-31T23:59:59.987654Z\"");
        await test.Options.S3.PutObjectAsync(
            new() { BucketName = test.Options.Lake.Bucket, Key = test.Options.Lake.Key(checkpoint), ContentBody = ahead });

        await test.RunAsync("INSERT INTO t VALUES (1)");
        await test.RunAsync("DELETE FROM t");

        Assert.Equal(["I|2999123123595998|false", "D|2999123123595998|false"],
            await test.ReadAsync(
                "public.t", "SELECT Op, left(cdc_change_seq, 16), cdc_timestamp > '2999' FROM {0} ORDER BY cdc_change_seq"));
    }

    [Fact]
    public async Task A_cancelled_capture_writes_what_it_has_read_and_the_next_one_the_rest()
    {
        await using var test = await CaptureTest.StartAsync(servers, Writers.Schema, "public.log", "public.rows");
        await test.RunAsync();
        var writers = new Writers(test.Source, sessions: 2);
        using var cancel = new CancellationTokenSource();

        await CaptureJob.RunAsync(
            test.Options with { UntilIdle = null, IntervalSeconds = 1, Progress = Hears.CancelAfter(100, cancel) }, cancel.Token);
        await writers.StopAsync();
        await test.RunAsync();

        var rows = await test.Source.ScalarAsync<long>("SELECT count(*) FROM log");
        Assert.Equal(
            [$"{rows}|{rows}"],
            await test.ReadAsync("public.log", "SELECT count(DISTINCT id), count(DISTINCT (id, cdc_change_seq)) FROM {0}"));
    }

    [Fact]
    public async Task An_idle_slot_follows_the_WAL_of_others()
    {
        await using var test = await CaptureTest.StartAsync(
            servers, "CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE other (a text)", "public.t");
        using var cancel = new CancellationTokenSource();
        var running = CaptureJob.RunAsync(test.Options with { UntilIdle = null, IntervalSeconds = 1 }, cancel.Token);
        await test.WaitAsync($"SELECT count(*) = 1 FROM ({Walsender}) w");

        await test.Source.ExecuteAsync("INSERT INTO other SELECT repeat('x', 1000) FROM generate_series(1, 1000)");
        var written = await test.Source.ScalarAsync<string>("SELECT pg_current_wal_lsn()::text");

        await test.WaitAsync($"SELECT confirmed_flush_lsn >= '{written}' FROM pg_replication_slots WHERE database = current_database()");
        await cancel.CancelAsync();
        Assert.Equal(new CaptureTotals(0, 0, 0), await running);
    }

    [Fact]
    public async Task What_cannot_be_resumed_is_refused_with_the_way_out()
    {
        await using var test = await CaptureTest.StartAsync(
            servers, "CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY)", "public.t", "public.u");
        await test.RunAsync();

        var options = test.Options;
        test.Options = options with { Tables = [options.Tables[0]] };
        Assert.Contains(
            "was captured with other tables: public.u has no definition now that can be used",
            await FaultAsync(),
            StringComparison.Ordinal);
        test.Options = options;
        await test.Source.ExecuteAsync(
            "DO $$ BEGIN EXECUTE 'DROP PUBLICATION ' || (SELECT pubname FROM pg_publication); END $$");
        Assert.Contains("publication cdcdms_", await FaultAsync(), StringComparison.Ordinal);
        await test.Source.ExecuteAsync(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()");
        Assert.Contains("is gone from", await FaultAsync(), StringComparison.Ordinal);

        async Task<string> FaultAsync() => (await Assert.ThrowsAsync<CdcDmsException>(test.RunAsync)).Message;
    }

    private const string Walsender = "SELECT active_pid FROM pg_replication_slots WHERE database = current_database() AND active";
}
