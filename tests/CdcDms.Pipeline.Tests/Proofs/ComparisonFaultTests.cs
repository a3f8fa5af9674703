using System.Runtime.CompilerServices;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Proofs;
using CdcDms.Pipeline.Validation;
using Npgsql;

namespace CdcDms.Pipeline.Tests.Proofs;

/// <summary>What becomes of a comparison whose servers, files or markers fail it.</summary>
public sealed class ComparisonFaultTests(TestServers servers) : ComparisonCallsFixture(servers)
{
    [Theory]
    [InlineData("the marker does not come", "The marker did not come through the lake within a day: it was written at another source")]
    [InlineData("a file is rejected", "The table has rejected files, which may hold changes from before the marker: cure them "
        + "(cdc/bad.parquet is the first) and resume the table.")]
    [InlineData("a day has not passed", null)]
    public async Task A_comparison_whose_marker_is_not_merged_within_a_day_ends_and_says_why(string what, string? why)
    {
        await FilledAsync(People);
        await CallAsync(People, Small, statements: 1);
        if (what == "a file is rejected")
        {
            await DueAsync(People);
            await Analytics.ExecuteAsync(
                "INSERT INTO cdc.rejected_files SELECT id, 'cdc/bad.parquet', 'e', now(), 1, 'why' FROM cdc.tables "
                + "WHERE target_name = 'people'");
        }

        if (why is not null)
            await Analytics.ExecuteAsync(
                "UPDATE cdc.comparisons SET state = jsonb_set(state, '{SinceUtc}', to_jsonb(now() - interval '25 hours'))");

        var fault = await Record.ExceptionAsync(() => CallAsync(People, Small, statements: 1)) as CdcDmsException;

        Assert.Equal(why is null ? null : ErrorKind.BadData, fault?.Kind);
        Assert.StartsWith(
            why is null ? "" : $"public.people was not compared with analytics.people. {why}",
            fault?.Message ?? "",
            StringComparison.Ordinal);
        await AssertAnswerAsync<long>(why is null ? 1 : 0, "SELECT count(*) FROM cdc.comparisons");
    }

    [Theory]
    [InlineData("count(*), sum(hash)", "Sums")]
    [InlineData("get_bit", "Hashes")]
    public async Task What_was_read_before_a_statement_failed_is_not_read_again(string failing, string phase)
    {
        await FilledAsync(People);
        await Analytics.ExecuteAsync("UPDATE analytics.people SET name = 'other' WHERE id % 400 = 1");
        await UntilAsync(People, "Sums", Small);
        const string Read = "SELECT (state -> 'Source' ->> 'Next')::int + (state -> 'Target' ->> 'Next')::int FROM cdc.comparisons";
        var before = await Analytics.ScalarAsync<int>(Read);
        var (statements, ended) = (0, false);

        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => JobOf(Small, () =>
        {
            if (Interlocked.Increment(ref statements) > 8 && !ended)
                ended = HasEndedSession(Source, failing);
            return true;
        }).AskAllAsync(People, new ProofRepair(), CancellationToken.None));

        Assert.Equal(ErrorKind.Unavailable, fault.Kind);
        await AssertAnswerAsync(phase, "SELECT state ->> 'Phase' FROM cdc.comparisons");
        Assert.True(phase is "Hashes" || await Analytics.ScalarAsync<int>(Read) > before + 2);
        NpgsqlConnection.ClearAllPools();
        var (full, _) = await ToTheEndAsync(People, 100, Small);
        Assert.Equal((5, 5, Rows, Rows), (full.Compared.Changed, full.Keys, full.Compared.SourceRows, full.Compared.TargetRows));
    }

    [Fact]
    public async Task A_server_that_does_not_have_the_marker_yet_begins_nothing_anew()
    {
        await FilledAsync(People);
        NpgsqlConnection.ClearAllPools();
        await using var behind = await Source.CopyAsync();
        await UntilAsync(People, "Sums", Small);
        var before = await BeganAsync();
        var going = new ProofJob(
            Source.ConnectionString, Analytics.ConnectionString, intervalSeconds: 60, settleSeconds: 60, behind.ConnectionString)
        {
            Run = "run",
            MayGoOn = () => false,
        }.AskAllAsync(People, new ProofRepair(), CancellationToken.None);
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!await behind.ScalarAsync<bool>(
            "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT EXISTS%settled%'"))
            deadline.Token.ThrowIfCancellationRequested();
        var settled = await Source.ScalarAsync<string>("SELECT to_jsonb(s)::text FROM cdcdms.settled s");
        await behind.ExecuteAsync($"INSERT INTO cdcdms.settled SELECT * FROM jsonb_populate_record(NULL::cdcdms.settled, '{settled}')");

        Assert.Equal(ComparisonMore.Time, (await going).More);
        Assert.Equal(before, await BeganAsync());
    }

    [Fact]
    public async Task A_lost_session_of_analytics_is_told_as_that_and_not_as_what_cannot_be_saved()
    {
        await FilledAsync(People);
        await Analytics.ExecuteAsync("UPDATE analytics.people SET name = 'other' WHERE id % 20 = 1");
        await UntilAsync(People, "Sums", Small);
        var ended = false;

        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => JobOf(Small, () =>
        {
            ended = ended || HasEndedSession(Analytics, "count(*) FROM cdc.proofs");
            return true;
        }).AskAllAsync(People, new ProofRepair(), CancellationToken.None));

        Assert.Equal(ErrorKind.Unavailable, fault.Kind);
        NpgsqlConnection.ClearAllPools();
        Assert.Equal(100, (await ToTheEndAsync(People, 100, Small)).Full.Keys);
    }

    [Fact]
    public async Task A_comparison_that_is_given_up_makes_no_ledger()
    {
        await JobOf(Small, () => true).GiveUpAsync(People, CancellationToken.None);

        await AssertAnswerAsync(true, "SELECT to_regnamespace('cdc') IS NULL");
    }

    [Fact]
    public async Task Of_a_range_that_was_read_in_part_no_row_is_kept()
    {
        await FilledAsync(People);
        await Analytics.ExecuteAsync("UPDATE analytics.people SET name = 'other' WHERE id % 400 = 1");
        await using var source = await Database.OpenAsync(Source.ConnectionString, "source", CancellationToken.None);
        await using var target = await Database.OpenAsync(Analytics.ConnectionString, "analytics", CancellationToken.None);
        var tables = await TablePair.OpenAsync(
            source, target, await ComparedTables.FindAsync(source, target, People, CancellationToken.None), Small, CancellationToken.None);
        var sides = await tables.BeginAsync(
            new BreakingReads(), () => Task.FromResult<IRowReads>(new PlainReads()), CancellationToken.None);
        using var run = new ComparisonRun(sides, AfterMarker(sides), Small, ScanPace.Unbounded);

        await Assert.ThrowsAsync<NpgsqlException>(() => run.GoOnAsync(asking: null!, CancellationToken.None));

        Assert.True(run.BeginFailedPassAnew());
        Assert.Equal((ComparisonPhase.Hashes, 0, 0), (run.State.Phase, run.State.Source.Next, run.State.Target.Next));
        Assert.All(run.Parts().Where(part => part.Name.EndsWith("hashes", StringComparison.Ordinal)), part => Assert.Empty(part.Bytes));
    }

    [Fact]
    public async Task A_snapshot_whose_session_ends_by_a_limit_of_the_caller_is_told_as_that()
    {
        await FilledAsync(People);
        var limited = new NpgsqlConnectionStringBuilder(Analytics.ConnectionString)
        {
            Options = "-c idle_in_transaction_session_timeout=200",
        }.ConnectionString;
        var ended = false;
        var job = new ProofJob(Source.ConnectionString, limited, intervalSeconds: 60, settleSeconds: 0)
        {
            Limits = Small,
            MayGoOn = () => ended = ended || IsEnded(Analytics),
        };

        var fault = await Assert.ThrowsAsync<CdcDmsException>(
            () => job.AskAllAsync(People, new ProofRepair(), CancellationToken.None));

        Assert.Equal(ErrorKind.Unavailable, fault.Kind);
        Assert.StartsWith(
            "The comparison ended before it had read all rows: the session of the analytics database that held its snapshot is gone (",
            fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_limit_of_the_database_does_not_end_the_snapshot()
    {
        await FilledAsync(People);
        await Analytics.ExecuteAsync(
            """
            DO $do$ BEGIN EXECUTE format('ALTER DATABASE %I SET idle_in_transaction_session_timeout = 50', current_database()); END $do$
            """);
        NpgsqlConnection.ClearAllPools();
        var waited = false;

        var full = await JobOf(Small, () =>
        {
            // The limit is a time: only time can pass it.
            if (!waited)
                Analytics.ExecuteAsync("SELECT pg_sleep(0.2)").GetAwaiter().GetResult();
            return waited = true;
        }).AskAllAsync(People, new ProofRepair(), CancellationToken.None);

        Assert.True(full.Compared.Identical);
    }

    [Fact]
    public async Task Proofs_of_a_reading_that_is_given_up_say_nothing_of_the_next()
    {
        await FilledAsync(People);
        await Analytics.ExecuteAsync("UPDATE analytics.people SET name = 'other' WHERE id % 100 = 1");
        var first = await JobOf(
            Small, () => Analytics.ScalarAsync<long>("SELECT count(*) FROM cdc.proofs").GetAwaiter().GetResult() == 0)
            .AskAllAsync(People, new ProofRepair(), CancellationToken.None);
        await AssertAnswerAsync<long>(1, "SELECT count(*) FROM cdc.proofs");
        await Analytics.ExecuteAsync("UPDATE analytics.people SET name = 'name ' || id WHERE name = 'other'");

        var (full, _) = await ToTheEndAsync(People, 1000, Small);

        Assert.Equal((ComparisonMore.Merges, 0), (first.More, first.Proofs.Count));
        Assert.Equal((true, 0, 0), (full.Compared.Identical, full.Proofs.Count, full.Keys));
        Assert.Equal("", await CausesAsync());
    }

    [Fact]
    public async Task A_key_that_the_source_s_type_cannot_hold_is_removed_as_one_that_the_source_does_not_have()
    {
        var table = Table("people", ("id", "bigint"), ("name", "text"));
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'ada')");
        await Lake.LoadAsync(table, 1, "SELECT * FROM (VALUES (1::BIGINT, 'ada'), (9999999999, 'ghost')) t(id, name)");
        await MergeAsync(table);

        var full = await AskAllAsync(table);
        await JudgedAsync(table);

        Assert.Equal((1, 1), (full.Compared.Extra, full.Keys));
        await AssertAnswerAsync("1", "SELECT string_agg(id::text, ' ') FROM analytics.people");
        Assert.Equal("", await CausesAsync());
    }

    [Theory]
    [InlineData("state - 'Shape'")]
    [InlineData("state - 'Format'")]
    [InlineData("jsonb_set(state, '{Format}', '0')")]
    public async Task What_another_version_of_the_program_has_saved_is_read_anew(string state)
    {
        await FilledAsync(People);
        await UntilAsync(People, "Sums", Small);
        var before = await BeganAsync();
        await Analytics.ExecuteAsync($"UPDATE cdc.comparisons SET state = {state}");

        await CallAsync(People, Small, statements: 3);

        Assert.NotEqual(before, await BeganAsync());
    }

    private static ComparisonState AfterMarker(ComparisonSides sides) => new()
    {
        Format = ComparisonState.CurrentFormat,
        SinceUtc = DateTime.UnixEpoch,
        Generation = 1,
        Marker = Guid.Empty,
        Shape = "",
        Repair = null,
        Buckets = sides.Buckets,
        Attempt = 0,
        Source = sides.Source.Scan.Position,
        Target = sides.Target.Scan.Position,
        RowsPerPass = Small.RowsPerPass,
        Phase = ComparisonPhase.Sums,
        IsAfterMarker = true,
    };

    private static bool HasEndedSession(TestDatabase database, string statement) => database.ScalarAsync<bool>(
        $"""
        SELECT coalesce(bool_or(pg_terminate_backend(pid, 5000)), false) FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE '%{statement}%' AND query NOT LIKE '%pg_terminate_backend%'
        """).GetAwaiter().GetResult();

    private static bool IsEnded(TestDatabase database)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (database.ScalarAsync<bool>(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT pg_export_snap%')")
            .GetAwaiter().GetResult())
            deadline.Token.ThrowIfCancellationRequested();
        return true;
    }

    // The connection is lost in the middle of the second range of which hashes are read.
    private sealed class BreakingReads : IRowReads
    {
        private int _hashed;

        public async IAsyncEnumerable<T> QueryAsync<T>(
            NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read,
            [EnumeratorCancellation] CancellationToken cancellationToken, params object?[] parameters)
        {
            var breaks = sql.Contains("get_bit", StringComparison.Ordinal) && ++_hashed == 2;
            await foreach (var row in new PlainReads().QueryAsync(connection, sql, read, cancellationToken, parameters))
            {
                yield return row;
                if (breaks)
                    throw new NpgsqlException("lost");
            }
        }
    }
}
