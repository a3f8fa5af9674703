using System.Collections.Concurrent;
using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Local.Capture;
using CdcDms.Local.Tests.Commands;
using CdcDms.Testing;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace CdcDms.Local.Tests.Capture;

/// <summary>Bad input gives one sentence and changes nothing.</summary>
public sealed class RefusalTests(TestServers servers)
{
    private const string Low = "CREATE TABLE low PARTITION OF t FOR VALUES FROM (0) TO (10)";

    [Theory]
    [InlineData("SELECT 1", "Table public.t does not exist in the source")]
    [InlineData("CREATE VIEW t AS SELECT 1 AS id", "public.t is a view, which has no changes of its own")]
    [InlineData("CREATE MATERIALIZED VIEW t AS SELECT 1 AS id", "public.t is a view")]
    [InlineData("CREATE SEQUENCE t", "public.t is not a table")]
    [InlineData(
        "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; CREATE FOREIGN TABLE t (id int) SERVER s",
        "public.t is a foreign table")]
    [InlineData("CREATE UNLOGGED TABLE t (id int PRIMARY KEY)", "Table public.t is unlogged")]
    [InlineData("SELECT 1", "pg_catalog.pg_class belongs to PostgreSQL itself", "pg_catalog.pg_class")]
    [InlineData(
        "CREATE TABLE t (id int)",
        "Table public.t has no primary key; give its definition a key and run ALTER TABLE public.t REPLICA IDENTITY FULL")]
    [InlineData(
        "CREATE TABLE \"T\" (id int)", "run ALTER TABLE public.\"T\" REPLICA IDENTITY FULL", "public.T")]
    [InlineData(
        "CREATE TABLE t (id int PRIMARY KEY); ALTER TABLE t REPLICA IDENTITY NOTHING",
        "The source does not log the key (id) of table public.t")]
    [InlineData("CREATE TABLE t (id int PRIMARY KEY DEFERRABLE, v text)", "The key of table public.t is unique by a deferrable constraint")]
    [InlineData(
        "CREATE TABLE t (id int PRIMARY KEY DEFERRABLE, v text); ALTER TABLE t REPLICA IDENTITY FULL",
        "The key of table public.t is unique by a deferrable constraint")]
    [InlineData(
        "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) STORED, PRIMARY KEY (a, b))",
        "Column b, of the key of table public.t, is generated")]
    [InlineData("CREATE TABLE t (id int, a int PRIMARY KEY)", "Table public.t has no column no, which", "public.t", "no")]
    [InlineData(
        "CREATE TABLE t (id int, a int, PRIMARY KEY (id) INCLUDE (a))",
        "does not log the key (id, a) of table public.t",
        "public.t",
        "id",
        "a")]
    [InlineData(
        "CREATE TABLE t (id int, v text) PARTITION BY RANGE (id); " + Low + "; ALTER TABLE t REPLICA IDENTITY FULL",
        "does not log the key (id) of table public.t when a row of public.low is updated", "public.t", "id")]
    [InlineData(
        "CREATE TABLE t (id int PRIMARY KEY, v text) PARTITION BY RANGE (id); " + Low + "; ALTER TABLE t REPLICA IDENTITY FULL",
        "Table public.t has REPLICA IDENTITY FULL, but public.low have not")]
    [InlineData(
        "CREATE TABLE t (id int PRIMARY KEY, v text NOT NULL) PARTITION BY RANGE (id); " + Low
        + "; CREATE UNIQUE INDEX other ON low (v); ALTER TABLE low REPLICA IDENTITY USING INDEX other",
        "does not log the key (id) of table public.t when a row of public.low is updated")]
    [InlineData(
        "CREATE TABLE t (id int PRIMARY KEY, v text) PARTITION BY RANGE (id); CREATE UNLOGGED TABLE low PARTITION OF t DEFAULT",
        "The partitions public.low of table public.t are foreign or unlogged")]
    [InlineData(
        "CREATE TABLE t (id int PRIMARY KEY, \"OP\" text)",
        "has a column OP whose name differs from another column's, or from one that DMS adds, at most by case")]
    [InlineData("CREATE TABLE t (id int PRIMARY KEY, a text, \"A\" text)", "has a column A whose name differs")]
    [InlineData("CREATE TABLE \"a/b\" (id int PRIMARY KEY)", "neither may hold a slash", "public.a/b")]
    public async Task A_table_that_cannot_be_captured(string sql, string sentence, string table = "public.t", params string[] key)
    {
        await using var test = await CaptureTest.StartAsync(servers, sql, table);
        if (key.Length > 0)
            test.Options = test.Options with { Tables = [CaptureTest.Define(table) with { Key = key }] };

        await RefusedAsync(test, ErrorKind.BadDefinition, sentence);
    }

    [Fact]
    public async Task Tables_that_cannot_be_captured_are_told_and_keep_no_other_from_being_captured()
    {
        await using var test = await CaptureTest.StartAsync(
            servers,
            "CREATE TABLE keyless (id int); CREATE TABLE good (id int PRIMARY KEY); CREATE UNLOGGED TABLE fast (id int PRIMARY KEY)",
            "public.keyless",
            "public.good",
            "public.fast");
        var told = new ConcurrentQueue<string>();
        test.Options = test.Options with { Progress = Hears.Warnings(told) };

        Assert.Equal(new CaptureTotals(0, 0, 0, TablesRefused: 2), await test.RunAsync());
        Assert.Collection(
            told,
            text => Assert.StartsWith("public.keyless is not captured. Table public.keyless has no", text, StringComparison.Ordinal),
            text => Assert.StartsWith("public.fast is not captured. Table public.fast is unlogged,", text, StringComparison.Ordinal));

        // One that was cured is added.
        told.Clear();
        var totals = await test.RunAsync(
            "ALTER TABLE keyless ADD PRIMARY KEY (id)", "INSERT INTO keyless VALUES (1)", "INSERT INTO good VALUES (1)");

        Assert.Equal(new CaptureTotals(1, 1, 2, TablesRefused: 1), totals);
        Assert.StartsWith("public.fast is not captured.", Assert.Single(told), StringComparison.Ordinal);
        Assert.Equal(["1"], await test.ReadAsync("public.keyless", "SELECT id FROM {0}"));
    }

    [Fact]
    public async Task A_role_from_which_rows_are_hidden_or_that_may_not_publish_is_refused_the_table()
    {
        await using var test = await CaptureTest.StartAsync(
            servers,
            "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1), (2), (3); ALTER TABLE t ENABLE ROW LEVEL SECURITY; "
            + "ALTER TABLE t FORCE ROW LEVEL SECURITY; CREATE POLICY few ON t USING (id < 2)", "public.t");
        var role = $"r{Guid.NewGuid():N}";
        await test.Source.ExecuteAsync(
            $"CREATE ROLE {role} LOGIN REPLICATION PASSWORD 'p'; DO $$ BEGIN EXECUTE 'GRANT CREATE ON DATABASE ' || current_database() || "
            + $"' TO {role}'; END $$");
        var asRole = new NpgsqlConnectionStringBuilder(test.Options.SourceConnection) { Username = role, Password = "p" };
        test.Options = test.Options with { SourceConnection = asRole.ConnectionString };
        await RefusedAsync(test, ErrorKind.BadDefinition, $"Only its owner may publish table public.t; run GRANT postgres TO {role}");
        await test.Source.ExecuteAsync($"ALTER TABLE t OWNER TO {role}; REVOKE SELECT ON t FROM {role}");
        await RefusedAsync(test, ErrorKind.BadDefinition, $"The role {role} may not read table public.t");
        await test.Source.ExecuteAsync($"GRANT SELECT ON t TO {role}");
        await RefusedAsync(test, ErrorKind.BadDefinition, $"Row-level security hides rows of table public.t from the role {role}");

        await test.Source.ExecuteAsync($"ALTER ROLE {role} BYPASSRLS");
        Assert.Equal(3, (await test.RunAsync()).SnapshotRows);

        // The WAL knows no policies.
        await test.Source.ExecuteAsync($"ALTER ROLE {role} NOBYPASSRLS");
        Assert.Equal(1, (await test.RunAsync("INSERT INTO t VALUES (4)")).ChangesCaptured);
    }

    [Fact]
    public async Task A_partition_beside_its_root()
    {
        await using var test = await CaptureTest.StartAsync(servers,
            "CREATE TABLE t (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE low PARTITION OF t FOR VALUES FROM (0) TO "
            + "(10); INSERT INTO t VALUES (1)", "public.t", "public.low");
        var told = new ConcurrentQueue<string>();
        test.Options = test.Options with { Progress = Hears.Warnings(told) };

        Assert.Equal(new CaptureTotals(1, 0, 1, TablesRefused: 1), await test.RunAsync());
        Assert.Contains("Table public.low is a partition of another defined table", Assert.Single(told), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_partition_that_came_later_with_another_replica_identity_is_told_and_captured()
    {
        await using var test = await CaptureTest.StartAsync(
            servers,
            "CREATE TABLE t (id int PRIMARY KEY, v text) PARTITION BY RANGE (id); " + Low
            + "; ALTER TABLE t REPLICA IDENTITY FULL; ALTER TABLE low REPLICA IDENTITY FULL",
            "public.t");
        await test.RunAsync();
        var told = new ConcurrentQueue<string>();
        test.Options = test.Options with { Progress = Hears.Warnings(told) };

        var totals = await test.RunAsync(
            "CREATE TABLE high PARTITION OF t FOR VALUES FROM (10) TO (20)", "INSERT INTO t VALUES (11, 'x')", "DELETE FROM t");

        Assert.Equal(new CaptureTotals(0, 2, 1), totals);
        Assert.Contains(
            "Table public.t has REPLICA IDENTITY FULL, but public.high have not", Assert.Single(told), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_of_the_definition_needs_a_replica_identity_that_logs_it()
    {
        await using var test = await CaptureTest.StartAsync(
            servers, "CREATE TABLE t (id int PRIMARY KEY, code text NOT NULL UNIQUE)", "public.t");
        test.Options = test.Options with { Tables = [CaptureTest.Define("public.t") with { Key = ["code"] }] };
        await RefusedAsync(test, ErrorKind.BadDefinition, "The source does not log the key (code) of table public.t");

        await test.Source.ExecuteAsync("ALTER TABLE t REPLICA IDENTITY USING INDEX t_code_key");
        await test.RunAsync();
        await test.RunAsync("INSERT INTO t VALUES (1, 'x')", "UPDATE t SET id = 2", "UPDATE t SET code = 'y'", "DELETE FROM t");

        Assert.Equal(
            ["I|1|x", "U|2|x", "D|∅|x", "I|2|y", "D|∅|y"],
            await test.ReadAsync("public.t", "SELECT Op, id, code FROM {0} ORDER BY cdc_change_seq"));
    }

    [Fact]
    public async Task A_source_that_cannot_be_opened()
    {
        await using var test = await CaptureTest.StartAsync(servers, "CREATE TABLE t (id int PRIMARY KEY)", "public.t");
        var connection = test.Options.SourceConnection;
        await RefusedAsync(test, ErrorKind.Unavailable, "Cannot open the source database", With(settings => settings.Port = 1));
        await RefusedAsync(test, ErrorKind.Unavailable, "Cannot open the source database", With(settings => settings.Password = "wrong"));
        await RefusedAsync(test, ErrorKind.Unavailable, "Cannot open the source database", With(settings => settings.Database = "none"));
        await RefusedAsync(
            test,
            ErrorKind.BadDefinition,
            "The connection string of the source database cannot be read",
            test.Options with { SourceConnection = "Hots=1" });

        CaptureOptions With(Action<NpgsqlConnectionStringBuilder> change)
        {
            var settings = new NpgsqlConnectionStringBuilder(connection);
            change(settings);
            return test.Options with { SourceConnection = settings.ConnectionString };
        }
    }

    [Fact]
    public async Task A_lake_that_is_missing_or_another_s()
    {
        await using var test = await CaptureTest.StartAsync(servers, "CREATE TABLE t (id int PRIMARY KEY)", "public.t");
        await RefusedAsync(
            test,
            ErrorKind.Unavailable,
            "The lake s3://no-such-bucket/x was not read or written: the bucket does not exist",
            test.Options with { Lake = new LakeUri("no-such-bucket", "x") });
        await RefusedAsync(
            test,
            ErrorKind.BadDefinition,
            "The list of tables: public.t is defined more than once",
            test.Options with { Tables = [.. test.Options.Tables, CaptureTest.Define("public.t")] });

        var lake = test.Options.Lake;
        await test.Options.S3.PutObjectAsync(
            new() { BucketName = lake.Bucket, Key = lake.Key("g001/public/t/LOAD00000001.parquet"), ContentBody = "" });
        var fault = await Assert.ThrowsAsync<CdcDmsException>(test.RunAsync);
        Assert.Contains("already holds files but no checkpoint of a capture", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_capture_over_one_lake()
    {
        await using var test = await CaptureTest.StartAsync(servers, "CREATE TABLE t (id int PRIMARY KEY)", "public.t");
        using var cancel = new CancellationTokenSource();
        var streaming = new TaskCompletionSource();
        var hears = new Hears(step =>
        {
            if (step.Phase == CapturePhase.Stream)
                streaming.TrySetResult();
        });
        var first = CaptureJob.RunAsync(test.Options with { UntilIdle = null, Progress = hears }, cancel.Token);
        await streaming.Task.WaitAsync(TimeSpan.FromSeconds(60));

        var clock = new FakeTimeProvider();
        var second = CaptureJob.RunAsync(test.Options with { Clock = clock }, TestContext.Current.CancellationToken);
        await CommandLine.WaitUntilAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return Task.FromResult(second.IsCompleted);
        });

        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => second);

        Assert.Equal(ErrorKind.Conflict, fault.Kind);
        Assert.Contains("Another capture is running over this lake", fault.Message, StringComparison.Ordinal);
        await cancel.CancelAsync();
        await first;
    }

    private static Task RefusedAsync(CaptureTest test, ErrorKind kind, string sentence) => RefusedAsync(test, kind, sentence, test.Options);

    private static async Task RefusedAsync(CaptureTest test, ErrorKind kind, string sentence, CaptureOptions options)
    {
        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => CaptureJob.RunAsync(options, TestContext.Current.CancellationToken));

        Assert.Equal(kind, fault.Kind);
        Assert.Contains(sentence, fault.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", fault.Message, StringComparison.Ordinal);
        Assert.Empty(await test.KeysAsync());
        await test.LeavesNothingAsync();
    }
}
