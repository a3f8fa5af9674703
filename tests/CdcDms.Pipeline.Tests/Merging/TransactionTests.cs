using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Merging;
using Npgsql;

namespace CdcDms.Pipeline.Tests.Merging;

/// <summary>A batch is seen wholly or not at all, whatever happens to it.</summary>
public sealed class TransactionTests(TestServers servers) : MergeFixture(servers)
{
    private const string IsWaiting =
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted "
        + "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("SELECT pg_advisory_xact_lock(1130652484, id) FROM cdc.tables")]
    [InlineData("SELECT FROM analytics.people WHERE id = 1 FOR UPDATE")]
    [InlineData("SELECT FROM cdc.tables FOR UPDATE")]
    public async Task A_merge_killed_while_it_waits_leaves_nothing_and_runs_again(string held)
    {
        await Lake.LoadAsync(People, 1, "SELECT * FROM (VALUES (1, 'ada'), (2, 'bob')) t(id, name)");
        await MergeAsync(People);
        await ChangesAsync(People, "('U', 5, 1, 'ada 2')", "('D', 6, 2, NULL)", "('I', 7, 3, 'cyd')");
        await using var holder = await Analytics.OpenAsync();
        await using var transaction = await holder.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand(held, holder, transaction))
            await hold.ExecuteNonQueryAsync();

        var merge = new MergeJob(Lake.Reader, Analytics.ConnectionString).RunAsync(People, 1 << 30, CancellationToken.None);
        await UntilAsync(
            "SELECT coalesce(bool_or(pg_terminate_backend(pid)), false) FROM pg_stat_activity WHERE datname = current_database() "
            + "AND wait_event_type = 'Lock'");
        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => merge);

        Assert.Equal(ErrorKind.Unavailable, fault.Kind);
        Assert.Equal("1=ada 2=bob", await PeopleAsync());
        Assert.Equal(1, await Analytics.ScalarAsync<long>("SELECT count(*) FROM cdc.files"));
        await transaction.RollbackAsync();
        Assert.Equal(new RowCounts { Read = 3, Inserted = 1, Updated = 1, Deleted = 1 }, await MergeAsync(People));
        Assert.Equal("1=ada 2 3=cyd", await PeopleAsync());
    }

    [Theory]
    [InlineData("pg_advisory_xact_lock_shared", true)]
    [InlineData("pg_advisory_xact_lock", false)]
    public async Task Batches_that_only_fill_gaps_run_side_by_side_and_wait_for_all_others(string held, bool runs)
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MergeAsync(People);
        await Lake.LoadAsync(People, 1, "SELECT 2 AS id, 'bob' AS name");

        await MergesBesideAsync(held, runs);

        Assert.Equal("1=ada 2=bob", await PeopleAsync());
    }

    [Fact]
    public async Task A_batch_of_changes_is_alone()
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MergeAsync(People);
        await Lake.ChangeAsync(People, 'U', 2, 1, "ada 2");

        await MergesBesideAsync("pg_advisory_xact_lock_shared", runs: false);

        Assert.Equal("1=ada 2", await PeopleAsync());
    }

    /// <summary>
    /// Merges while another holds the table's lock: the merge either ends meanwhile, or is seen waiting for the lock and ends afterwards.
    /// </summary>
    private async Task MergesBesideAsync(string held, bool runs)
    {
        await using var holder = await Analytics.OpenAsync();
        await using var transaction = await holder.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand($"SELECT {held}(1130652484, id) FROM cdc.tables", holder, transaction))
            await hold.ExecuteNonQueryAsync();
        var merge = MergeAsync(People);
        if (runs)
            await merge.WaitAsync(Deadline);
        else
            await UntilAsync(IsWaiting);
        await transaction.RollbackAsync();
        await merge;
    }

    [Fact]
    public async Task A_cancelled_merge_says_so_leaves_nothing_and_its_connection_serves_again()
    {
        await Lake.CdcAsync(People, "SELECT 'I' AS op, range + 1 AS v, range::INTEGER AS id, repeat('x', 200) AS name FROM range(200000)");
        using var stop = new CancellationTokenSource();

        var merge = new MergeJob(Lake.Reader, Analytics.ConnectionString).RunAsync(People, 1 << 30, stop.Token);
        await UntilAsync(
            "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY%' AND state = 'active'");
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => merge);
        Assert.Equal("", await PeopleAsync());
        await MergeAsync(People);
        Assert.Equal(200_000, await Analytics.ScalarAsync<long>("SELECT count(*) FROM analytics.people"));
    }

    [Fact]
    public async Task A_reader_never_sees_half_a_batch()
    {
        await Lake.LoadAsync(People, 1, "SELECT range::INTEGER AS id, 'file 0' AS name FROM range(3000)");
        await MergeAsync(People);
        for (var file = 1; file <= 4; file++)
            await Lake.CdcAsync(People, $"SELECT 'U' AS op, {file} AS v, range::INTEGER AS id, 'file {file}' AS name FROM range(3000)");
        await using var repeatable = await Analytics.OpenAsync();
        await using var snapshot = await repeatable.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead);
        const string seen = "SELECT string_agg(DISTINCT name, ' ') || ' ' || count(*) FROM analytics.people";
        await using var again = new NpgsqlCommand(seen, repeatable, snapshot);
        Assert.Equal("file 0 3000", await again.ExecuteScalarAsync());

        var merge = MergeAsync(People, batchBytes: 1);
        var sights = new HashSet<string?>();
        while (!merge.IsCompleted)
            sights.Add(await Analytics.ScalarAsync<string>(seen));
        await merge;

        Assert.All(sights, sight => Assert.Matches(@"^file \d 3000$", sight));
        Assert.Equal("file 0 3000", await again.ExecuteScalarAsync());
        Assert.Equal("file 4 3000", await Analytics.ScalarAsync<string>(seen));
    }

    [Theory]
    [InlineData("statement_timeout = '300ms'", ErrorKind.Unavailable)]
    [InlineData("lock_timeout = '300ms'", ErrorKind.Unavailable)]
    [InlineData("default_transaction_read_only = on", ErrorKind.Unavailable)]
    public async Task A_limit_of_the_server_is_not_taken_for_bad_data(string setting, ErrorKind kind)
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MergeAsync(People);
        await Lake.ChangeAsync(People, 'U', 2, 1, "ada 2");
        var quoted = setting.Replace("'", "''", StringComparison.Ordinal);
        await Analytics.ExecuteAsync($"DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET {quoted}', current_database()); END $$");
        NpgsqlConnection.ClearAllPools();
        await using var holder = await Analytics.OpenAsync();
        await using var hold = new NpgsqlCommand(
            "SET default_transaction_read_only = off; BEGIN; SELECT FROM analytics.people FOR UPDATE",
            holder);
        await hold.ExecuteNonQueryAsync();

        await AssertRefusedAsync(People, kind);
    }

    [Fact]
    public async Task A_target_that_somebody_alters_time_and_again_ends_the_merge_with_a_sentence()
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MergeAsync(People);
        await Lake.ChangeAsync(People, 'U', 2, 1, "ada 2");
        using var s3 = (AmazonS3Client)Servers.S3Server.Connect();
        var columns = 0;
        s3.BeforeRequestEvent += (_, about) =>
        {
            if (about is WebServiceRequestEventArgs { Request: GetObjectRequest })
                Analytics.ExecuteAsync($"ALTER TABLE analytics.people ALTER name TYPE varchar({++columns + 100})").GetAwaiter().GetResult();
        };

        var job = new MergeJob(new LakeReader(s3, Lake.Uri), Analytics.ConnectionString);
        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => job.RunAsync(People, 1 << 30, CancellationToken.None));

        Assert.Equal(ErrorKind.Conflict, fault.Kind);
        Assert.Contains("analytics.people was altered 10 times", fault.Message, StringComparison.Ordinal);
        Assert.Equal("1=ada", await PeopleAsync());
        Assert.Equal(1, (await MergeAsync(People)).Updated);
    }

    [Fact]
    public async Task A_transaction_that_runs_in_another_session_than_the_one_that_was_opened_is_refused()
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        // What a pooler does that gives each transaction another session: not twice the same answer.
        await Analytics.ExecuteAsync(
            """
            CREATE SCHEMA pooler;
            CREATE SEQUENCE pooler.backends;
            CREATE FUNCTION pooler.pg_backend_pid() RETURNS integer LANGUAGE sql AS $$ SELECT nextval('pooler.backends')::integer $$;
            DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = pooler, pg_catalog, public', current_database()); END $$
            """);
        NpgsqlConnection.ClearAllPools();

        await AssertRefusedAsync(People, ErrorKind.Unavailable, "transaction pooling", "session pooling");

        await Analytics.ExecuteAsync("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET search_path', current_database()); END $$");
        NpgsqlConnection.ClearAllPools();
    }

    [Fact]
    public async Task A_table_that_is_made_ready_does_not_stand_in_its_readers_way_for_long()
    {
        await TargetAsync("id integer PRIMARY KEY, name text");
        // The ledger's own steps alter tables as well.
        await MergeAsync(People with { Name = "others", Target = "analytics.others" });
        await Analytics.ExecuteAsync(
            """
            CREATE TABLE public.waits (how text);
            CREATE FUNCTION public.note() RETURNS event_trigger LANGUAGE plpgsql AS
                $$ BEGIN INSERT INTO public.waits SELECT current_setting('lock_timeout') WHERE current_query() LIKE '%"analytics"%'; END $$;
            CREATE EVENT TRIGGER note ON ddl_command_start WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION public.note();
            """);
        await Lake.CdcAsync(People, "SELECT 'I' AS op, 1 AS v, 1 AS id, 'ada' AS name, 'x' AS extra");

        await MergeAsync(People with { Key = null, Columns = null });

        await Analytics.ExecuteAsync("DROP EVENT TRIGGER note");
        Assert.Equal("30s 30s", await Analytics.ScalarAsync<string>("SELECT string_agg(how, ' ') FROM public.waits"));
    }

    [Fact]
    public async Task A_change_that_is_tried_again_goes_into_the_target_as_it_is_under_the_lock()
    {
        await TargetAsync("id integer PRIMARY KEY, name varchar(3)");
        var bare = People with { Key = null, Columns = null };
        await ChangesAsync(bare, "('I', 1, 1, 'ada')");
        await MergeAsync(bare);
        await ChangesAsync(bare, "('U', 5, 1, 'four')");
        await MergeAsync(bare);
        await using var holder = await Analytics.OpenAsync();
        await using var transaction = await holder.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("SELECT pg_advisory_xact_lock(1130652484, id) FROM cdc.tables", holder, transaction))
            await hold.ExecuteNonQueryAsync();

        var retry = RetryAsync(bare);
        await UntilAsync(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted "
            + "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))");
        await Analytics.ExecuteAsync(
            "ALTER TABLE analytics.people ALTER name TYPE text, ADD COLUMN _cdc_registers jsonb; "
            + "UPDATE cdc.tables SET register_columns = '{name}'; "
            + $"UPDATE analytics.people SET name = 'newest', _cdc_registers = jsonb_build_object('{TestLake.Version(9)}', '1')");
        await transaction.RollbackAsync();
        await retry;

        Assert.Equal("1=newest", await PeopleAsync());
    }

    private async Task UntilAsync(string condition)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!await Analytics.ScalarAsync<bool>(condition))
            deadline.Token.ThrowIfCancellationRequested();
    }
}
