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
    [Theory]
    [InlineData("SELECT 1", "public.t", "Table public.t does not exist in the source")]
    [InlineData("CREATE VIEW t AS SELECT 1 AS id", "public.t", "or it is a view")]
    [InlineData("CREATE UNLOGGED TABLE t (id int PRIMARY KEY)", "public.t", "unlogged")]
    [InlineData(
        "CREATE TABLE t (id int)",
        "public.t",
        "Table public.t has no primary key; give its definition a key and run ALTER TABLE public.t REPLICA IDENTITY FULL")]
    [InlineData(
        "CREATE TABLE t (id int PRIMARY KEY); ALTER TABLE t REPLICA IDENTITY NOTHING",
        "public.t",
        "The source does not log id, of the key of public.t")]
    [InlineData(
        "CREATE TABLE t (id int PRIMARY KEY, \"OP\" text)",
        "public.t",
        "has a column OP whose name differs from another column's, or from one that DMS adds, at most by case")]
    [InlineData("CREATE TABLE t (id int PRIMARY KEY, a text, \"A\" text)", "public.t", "has a column A whose name differs")]
    [InlineData("CREATE SCHEMA _cdcdms; CREATE TABLE _cdcdms.t (id int PRIMARY KEY)", "_cdcdms.t", "Schema _cdcdms cannot be captured")]
    [InlineData("CREATE TABLE \"a/b\" (id int PRIMARY KEY)", "public.a/b", "neither may hold a slash")]
    public async Task A_table_that_cannot_be_captured(string sql, string table, string sentence)
    {
        await using var test = await CaptureTest.StartAsync(servers, sql, table);

        await RefusedAsync(test, ErrorKind.BadDefinition, sentence);
    }

    [Fact]
    public async Task A_partition_beside_its_root()
    {
        await using var test = await CaptureTest.StartAsync(servers,
            "CREATE TABLE t (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE low PARTITION OF t FOR VALUES FROM (0) TO "
            + "(10)", "public.t", "public.low");

        await RefusedAsync(test, ErrorKind.BadDefinition, "Table public.low is a partition of another defined table");
    }

    [Fact]
    public async Task A_key_of_the_definition_needs_a_replica_identity_that_logs_it()
    {
        await using var test = await CaptureTest.StartAsync(
            servers, "CREATE TABLE t (id int PRIMARY KEY, code text NOT NULL UNIQUE)", "public.t");
        test.Options = test.Options with { Tables = [CaptureTest.Define("public.t") with { Key = ["code"] }] };
        await RefusedAsync(test, ErrorKind.BadDefinition, "The source does not log code, of the key of public.t");

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
    public async Task A_role_that_may_not_replicate_is_told_so()
    {
        await using var test = await CaptureTest.StartAsync(servers, "CREATE TABLE t (id int PRIMARY KEY)", "public.t");
        var role = $"r{Guid.NewGuid():N}";
        await test.Source.ExecuteAsync(
            $"CREATE ROLE {role} LOGIN PASSWORD 'p'; ALTER TABLE t OWNER TO {role}; GRANT CREATE ON SCHEMA public TO {role}; DO $$ BEGIN "
            + $"EXECUTE 'GRANT CREATE ON DATABASE ' || current_database() || ' TO {role}'; END $$");
        var asRole = new NpgsqlConnectionStringBuilder(test.Options.SourceConnection) { Username = role, Password = "p" };
        test.Options = test.Options with { SourceConnection = asRole.ConnectionString };

        Assert.Contains(
            "permission denied to start WAL sender",
            (await Assert.ThrowsAsync<CdcDmsException>(test.RunAsync)).Message,
            StringComparison.Ordinal);
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
            new() { BucketName = lake.Bucket, Key = lake.Key("public/t/LOAD00000001.parquet"), ContentBody = "" });
        var fault = await Assert.ThrowsAsync<CdcDmsException>(test.RunAsync);
        Assert.Contains("already holds files of table public.t but no checkpoint of a capture", fault.Message, StringComparison.Ordinal);
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
        Assert.Equal(0, await test.Source.ScalarAsync<long>(
            "SELECT (SELECT count(*) FROM pg_publication) + (SELECT count(*) FROM pg_replication_slots WHERE database = "
            + "current_database())"));
    }
}
