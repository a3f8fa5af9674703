using System.Text.RegularExpressions;
using CdcDms.Local.Capture;
using CdcDms.Local.Tests.Commands;
using CdcDms.Pipeline.Postgres;
using CdcDms.Testing;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace CdcDms.Local.Tests.Capture;

/// <summary>The form of the files, by DuckDB's own reader.</summary>
public sealed partial class CapturedFileTests(TestServers servers)
{
    [Fact]
    public async Task Files_have_GZIP_pages_and_groups_of_ten_thousand_rows_in_the_order_of_their_capture()
    {
        await using var test = await CaptureTest.StartAsync(
            servers,
            """
            CREATE TABLE t (id int PRIMARY KEY, a text NOT NULL, n numeric(9,2));
            INSERT INTO t SELECT i, i, i FROM generate_series(1, 25000) i
            """,
            "public.t");

        await test.RunAsync();
        await test.RunAsync("UPDATE t SET n = 1");

        foreach (var key in await test.KeysAsync("g001/public/t/"))
        {
            var path = await test.FetchAsync(key);
            Assert.Equal(
                ["Op|VARCHAR", "cdc_timestamp|VARCHAR", "id|INTEGER", "a|VARCHAR", "n|DECIMAL(9,2)", "cdc_change_seq|VARCHAR"],
                test.Query($"DESCRIBE SELECT * FROM read_parquet('{path}')").Select(column => string.Join('|', column.Split('|')[..2])));
            Assert.Equal(["GZIP"], test.Query($"SELECT DISTINCT compression FROM parquet_metadata('{path}')"));
            Assert.Equal(
                ["0|10000", "1|10000", "2|5000"],
                test.Query($"SELECT DISTINCT row_group_id, row_group_num_rows FROM parquet_metadata('{path}') ORDER BY 1"));
            Assert.Equal(
                ["true"],
                test.Query($"SELECT bool_and(id = file_row_number + 1) FROM read_parquet('{path}', file_row_number = true)"));
        }
    }

    [Fact]
    public async Task A_file_is_closed_by_its_size_in_the_middle_of_a_transaction_and_lies_in_its_commit_date()
    {
        await using var test = await CaptureTest.StartAsync(servers, "CREATE TABLE t (id int PRIMARY KEY, a text)", "public.t");
        test.Options = test.Options with { FileMegabytes = 1 };
        await test.RunAsync();

        var totals = await test.RunAsync("INSERT INTO t SELECT i, repeat('x', 1000) FROM generate_series(1, 2900) i");

        Assert.Equal(new CaptureTotals(0, 2900, 3), totals);
        var keys = await test.KeysAsync("g001/public/t/");
        Assert.Equal(3, keys.Count);
        var read = Assert.Single(await test.ReadAsync(
            "public.t", "SELECT count(*), count(DISTINCT id), count(DISTINCT cdc_timestamp), min(cdc_timestamp) FROM {0}")).Split('|');
        Assert.Equal(["2900", "2900", "1"], read[..3]);
        Assert.Matches(Timestamp, read[3]);
        Assert.All(keys, key => Assert.Matches(CdcKey, key));
        Assert.All(keys, key => Assert.StartsWith($"g001/public/t/{read[3][..10].Replace('-', '/')}/", key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Files_are_closed_at_the_interval_while_the_capture_runs_on()
    {
        await using var test = await CaptureTest.StartAsync(servers, "CREATE TABLE t (id int PRIMARY KEY)", "public.t");
        await test.RunAsync();
        using var cancel = new CancellationTokenSource();
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var running = CaptureJob.RunAsync(test.Options with { UntilIdle = null, IntervalSeconds = 3600, Clock = clock }, cancel.Token);

        for (var file = 1; file <= 2; file++)
        {
            await test.Source.ExecuteAsync($"INSERT INTO t VALUES ({file})");
            await CommandLine.WaitUntilAsync(async () =>
            {
                Assert.False(running.IsCompleted);
                clock.Advance(TimeSpan.FromHours(1));
                return (await test.KeysAsync("g001/public/t/")).Count == file;
            });
        }

        await cancel.CancelAsync();
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(new CaptureTotals(0, 2, 2), await running);
    }

    [Fact]
    public async Task A_name_that_is_taken_is_left_alone()
    {
        await using var test = await CaptureTest.StartAsync(servers, "CREATE TABLE t (id int PRIMARY KEY)", "public.t");
        await test.RunAsync();
        using var racing = new RacingS3(servers);
        test.Options = test.Options with { S3 = racing };

        var totals = await test.RunAsync("INSERT INTO t VALUES (1)");

        Assert.Equal(1, totals.FilesWritten);
        var keys = await test.KeysAsync("g001/public/t/");
        Assert.Equal(2, keys.Count);
        Assert.Equal("taken", await test.TextAsync(keys[0]));
        Assert.Equal(["1"], test.Query($"SELECT id FROM read_parquet('{await test.FetchAsync(keys[1])}')"));
    }

    [Fact]
    public async Task Hostile_names_of_schemas_tables_and_columns_stay_names()
    {
        const string table = "\"Sch\"\"ema.'日本' %20+\".\"Ta ble; DROP TABLE \"\"x\"\"--\"";
        string[] columns =
            ["a b", "qu\"ote", "it's", "semi;colon", "Mixed", "ünï😀", "do.t", "select", "{0}", "c0", "%s", "version", "a|b"];
        var list = string.Join(", ", columns.Select(column => $"\"{column.Replace("\"", "\"\"", StringComparison.Ordinal)}\" text"));
        await using var test = await CaptureTest.StartAsync(servers,
            $"""
            CREATE SCHEMA "Sch""ema.'日本' %20+";
            CREATE TABLE {table} ("I d" int PRIMARY KEY, {list});
            INSERT INTO {table} VALUES (1, 'loaded')
            """,
            table);

        await test.RunAsync();
        await test.RunAsync($"INSERT INTO {table} VALUES (2, 'streamed')", $"UPDATE {table} SET \"I d\" = 3 WHERE \"I d\" = 1");

        Assert.Equal(
            ["I|1|loaded", "I|2|streamed", "D|1|∅", "I|3|loaded"],
            await test.ReadAsync(table, "SELECT Op, \"I d\", \"a b\" FROM {0} ORDER BY cdc_change_seq"));
        Assert.Equal(["Op", "cdc_timestamp", "I d", .. columns, "cdc_change_seq"],
            await test.ReadAsync(table, "SELECT column_name FROM (DESCRIBE SELECT * FROM {0})"));
    }

    [Fact]
    public async Task Partitions_are_captured_as_their_root()
    {
        await using var test = await CaptureTest.StartAsync(servers,
            """
            CREATE TABLE t (id int PRIMARY KEY, a text) PARTITION BY RANGE (id);
            CREATE TABLE low PARTITION OF t FOR VALUES FROM (0) TO (10); CREATE TABLE high (a text, id int NOT NULL);
            ALTER TABLE t ATTACH PARTITION high FOR VALUES FROM (10) TO (20); INSERT INTO t VALUES (1, 'x'), (11, 'y')
            """, "public.t");

        await test.RunAsync();
        await test.RunAsync("INSERT INTO t VALUES (2, 'z')", "UPDATE t SET a = 'yy' WHERE id = 11", "UPDATE t SET id = 12 WHERE id = 2");

        Assert.Equal(["I|1|x", "I|11|y"], await test.ReadAsync("public.t", "SELECT Op, id, a FROM {0} ORDER BY id", "LOAD"));
        Assert.Equal(
            ["I|2|z", "U|11|yy", "D|2|∅", "I|12|z"],
            await test.ReadAsync("public.t", "SELECT Op, id, a FROM {0} WHERE cdc_change_seq <> '' ORDER BY cdc_change_seq"));
    }

    [Fact]
    public async Task Children_by_inheritance_are_tables_of_their_own()
    {
        await using var test = await CaptureTest.StartAsync(
            servers,
            "CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE child (PRIMARY KEY (id)) INHERITS (t); INSERT INTO t VALUES (1); "
            + "INSERT INTO child VALUES (2)",
            "public.t",
            "public.child");

        await test.RunAsync();
        await test.RunAsync("INSERT INTO t VALUES (3)", "INSERT INTO child VALUES (4)", "UPDATE t SET id = id + 10");

        const string left = "SELECT id FROM {0} GROUP BY id HAVING arg_max(Op, cdc_change_seq) <> 'D' ORDER BY id";
        Assert.Equal(["11", "13"], await test.ReadAsync("public.t", left));
        Assert.Equal(["12", "14"], await test.ReadAsync("public.child", left));
    }

    [Fact]
    public async Task Texts_of_another_encoding_arrive_as_the_letters_that_they_are()
    {
        await using var test = await CaptureTest.StartAsync(servers, "SELECT 1", "public.t");
        await test.Source.ExecuteAsync("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
        var latin = new NpgsqlConnectionStringBuilder(test.Options.SourceConnection) { Database = "latin", Pooling = false };
        test.Options = test.Options with { SourceConnection = latin.ConnectionString };
        await using (var connection = new NpgsqlConnection(latin.ConnectionString))
        {
            await connection.OpenAsync();
            await connection.ExecuteAsync("CREATE TABLE t (id int PRIMARY KEY, a text); INSERT INTO t VALUES (1, 'ä')", default);
            await test.RunAsync();
            await connection.ExecuteAsync("INSERT INTO t VALUES (2, 'ü')", default);
        }

        await test.RunAsync();
        await test.Source.ExecuteAsync(
            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = 'latin'");
        await test.Source.ExecuteAsync("DROP DATABASE latin WITH (FORCE)");
        Assert.Equal(["1|ä", "2|ü"], await test.ReadAsync("public.t", "SELECT id, a FROM {0} ORDER BY id"));
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$")]
    private static partial Regex Timestamp { get; }

    [GeneratedRegex(@"^g001/public/t/\d{4}/\d\d/\d\d/\d{8}-\d{9}\.parquet$")]
    private static partial Regex CdcKey { get; }
}
