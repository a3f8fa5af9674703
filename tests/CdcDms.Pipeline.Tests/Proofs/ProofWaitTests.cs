using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Merging;
using CdcDms.Pipeline.Proofs;
using Npgsql;

namespace CdcDms.Pipeline.Tests.Proofs;

/// <summary>What a proof waits for, and in which order proofs are judged.</summary>
public sealed class ProofWaitTests(TestServers servers) : ProofFixture(servers)
{
    [Fact]
    public async Task After_a_resume_no_proof_is_judged_before_the_files_that_were_rejected_are_merged()
    {
        await ChangesAsync(People, "('I', 1, 1, 'old')");
        await MergeAsync(People);
        var made = DateTime.UtcNow.Date.AddSeconds(30);
        var late = Lake.CdcKey(People, made, made);
        await Lake.PutBytesAsync(late, [1, 2, 3]);
        await MergeAsync(People);
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'new')");
        var marker = await AskAsync(People, repairs: false, 1);
        await MarkersAsync(marker, 100, 200);
        await MergeAsync(People);
        Assert.Equal("0 0 0", await OutcomeAsync(marker));

        // The file is replaced, the table resumed; the workflow merges full-load files side by side first.
        await Lake.PutAsync(
            late,
            "SELECT 'U' AS \"Op\", '2026-01-02 03:04:05.678901' AS cdc_timestamp, 1 AS id, 'new' AS name, "
            + "lpad('50', 35, '0') AS cdc_change_seq");
        await Lake.LoadAsync(People, 1, "SELECT 7 AS id, 'g' AS name");
        await new ResumeJob(Analytics.ConnectionString).RunAsync(People.TargetName, Consent.None, CancellationToken.None);
        var plan = await Job.PlanAsync(People, BatchLimits.Default, CancellationToken.None);
        foreach (var group in plan.SnapshotGroups)
            await Job.RunAsync(People, group, BatchLimits.Default, CancellationToken.None);

        Assert.Equal(("0 0 0", ""), (await OutcomeAsync(marker), await DifferencesAsync()));
    }

    [Fact]
    public async Task A_change_within_the_tasks_own_file_interval_is_not_told_as_a_difference()
    {
        await ChangesAsync(People, "('I', 1, 1, 'old')");
        await MergeAsync(People);
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'new')");
        await new ProofJob(Source.ConnectionString, Analytics.ConnectionString, intervalSeconds: 5, settleSeconds: 0)
            .AskAsync(People, [["1"]], repair: null, CancellationToken.None);
        await MarkersAsync(1, 100, 200);
        // 1 and 2 are the proof's; 3 and 4 are those of the function, which knows that the task closes a file after 60 seconds.
        await Analytics.ExecuteAsync(
            """
            UPDATE cdc.markers SET interval_seconds = CASE WHEN number < 3 THEN 5 ELSE 60 END,
                stored_at = t.at + CASE number WHEN 3 THEN 6 WHEN 4 THEN 17 ELSE 0 END * interval '1 second',
                committed_at = t.at + CASE number WHEN 3 THEN 6 WHEN 4 THEN 17 ELSE 0 END * interval '1 second'
            FROM (SELECT now() - interval '1 minute' AS at) t
            """);
        await MergeAsync(People);

        Assert.Equal("", await DifferencesAsync());
        // 17 seconds after the second marker's file, the table's file that has been open since before it is closed.
        await ChangesAsync(People, "('U', 90, 1, 'new')");
        await MergeAsync(People);
    }

    [Fact]
    public async Task A_proof_that_the_server_ends_each_time_does_not_hold_up_the_others_for_ever()
    {
        // As statement_timeout or lock_timeout of the role does.
        await TargetAsync(
            "id integer PRIMARY KEY, name text CHECK (analytics.fast(name))",
            """
            CREATE FUNCTION analytics.fast(text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
            IF $1 = 'slow' THEN RAISE EXCEPTION 'canceling statement due to statement timeout' USING ERRCODE = '57014'; END IF;
            RETURN true; END $$
            """);
        var table = People with { Columns = null, Key = null };
        await ChangesAsync(table, "('I', 1, 9, 'zed')");
        await MergeAsync(table);
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'slow'), (2, 'ada')");
        var first = await AskAsync(table, repairs: true, 1);
        var second = await AskAsync(table, repairs: true, 2);
        await MarkersAsync(first, 100, 200);
        await MarkersAsync(second, 300, 400);
        await Analytics.ExecuteAsync("UPDATE cdc.proofs SET asked_at = now() - interval '3 days'");

        for (var merge = 0; merge < 3; merge++)
            await MergeAsync(table);

        Assert.Equal("NotProven 0 0 0, Different 0 0 1", $"{await OutcomeAsync(first)}, {await OutcomeAsync(second)}");
    }

    [Theory]
    [InlineData("PERFORM pg_terminate_backend(pg_backend_pid())")]
    [InlineData("RAISE EXCEPTION 'I dislike %', $1 USING ERRCODE = '53100', DETAIL = $1, HINT = $1")]
    public async Task A_merge_that_fails_while_it_judges_is_told_as_merged_with_the_reason_and_without_a_value(string failure)
    {
        await TargetAsync(
            "id integer PRIMARY KEY, name text CHECK (analytics.lives(name))",
            $"""
            CREATE FUNCTION analytics.lives(text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
            IF $1 = 'canary4711' THEN {failure}; END IF;
            RETURN true; END $$
            """);
        var table = People with { Columns = null, Key = null };
        await ChangesAsync(table, "('I', 1, 9, 'zed')");
        await MergeAsync(table);
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'canary4711')");
        var marker = await AskAsync(table, repairs: true, 1);
        await MarkersAsync(marker, 100, 200);
        await ChangesAsync(table, "('I', 2, 8, 'yan')");

        var output = await Job.RunAsync(table, 1L << 30, CancellationToken.None);

        Assert.Equal((1L, null), (output.Rows.Inserted, output.UnprovenSinceUtc));
        Assert.Contains("wait for the next merge", output.Proofs!.Failure, StringComparison.Ordinal);
        Assert.DoesNotContain("canary4711", output.Proofs!.Failure, StringComparison.Ordinal);
        await AssertAnswerAsync<long>(1, "SELECT count(*) FROM cdc.proofs WHERE outcome IS NULL");
    }

    [Fact]
    public async Task Of_two_proofs_at_once_the_order_of_the_first_markers_decides()
    {
        await ChangesAsync(People, "('I', 1, 2, 'bob')");
        await MergeAsync(People);
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'ada'), (2, 'bob')");
        // The outer proof has the markers 1 and 4, reads first, and repairs; the inner one has 2 and 3, and only looks.
        await AskAsync(People, repairs: true, 1);
        await Source.ExecuteAsync("TRUNCATE people; INSERT INTO people VALUES (2, 'bob')");
        await AskAsync(People, repairs: false, 1);
        await Source.ExecuteAsync(
            "UPDATE cdcdms.marker SET number = 10 + CASE number WHEN 1 THEN 1 WHEN 2 THEN 4 WHEN 3 THEN 2 WHEN 4 THEN 3 END; "
            + "UPDATE cdcdms.marker SET number = number - 10");
        await Analytics.ExecuteAsync("UPDATE cdc.proofs SET marker_after = CASE marker_after WHEN 2 THEN 4 WHEN 4 THEN 3 END");
        await MarkersAsync(1, 100, 200);
        await Analytics.ExecuteAsync(
            "UPDATE cdc.markers SET stored_at = at, committed_at = at "
            + "FROM (SELECT max(stored_at) - interval '10 minutes' AS at FROM cdc.markers) earlier WHERE number < 4");
        await MarkersAsync(4, 300, 400);
        await MergeAsync(People);

        Assert.Equal(
            "Different, Different",
            await Analytics.ScalarAsync<string>("SELECT string_agg(outcome, ', ' ORDER BY id) FROM cdc.proofs"));
    }

    [Fact]
    public async Task Rows_that_a_pooler_reads_in_another_session_are_not_believed()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);
        await Source.ExecuteAsync(
            """
            CREATE SCHEMA pooler;
            CREATE SEQUENCE pooler.backends;
            CREATE FUNCTION pooler.pg_backend_pid() RETURNS integer LANGUAGE sql AS $$ SELECT nextval('pooler.backends')::integer $$;
            DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = pooler, pg_catalog, public', current_database()); END $$
            """);
        NpgsqlConnection.ClearAllPools();

        var fault = await Record.ExceptionAsync(() => AskAsync(People, repairs: true, 1));

        await Source.ExecuteAsync("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET search_path', current_database()); END $$");
        NpgsqlConnection.ClearAllPools();
        Assert.Equal(ErrorKind.Unavailable, Assert.IsType<CdcDmsException>(fault).Kind);
    }
}
