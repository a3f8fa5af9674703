using CdcDms.Pipeline.Merging;
using Npgsql;

namespace CdcDms.Pipeline.Tests.Merging;

/// <summary>A batch takes what fits: by bytes, files and rows, a large file in parts, and less after one that ran out.</summary>
public sealed class FittingTests(TestServers servers) : MergeFixture(servers)
{
    private const string TenChanges =
        "SELECT 'U' AS op, 100 - range AS v, (range % 4)::INTEGER AS id, 'v' || (100 - range) AS name FROM range(10)";

    [Fact]
    public async Task A_large_file_is_merged_in_parts_and_done_with_its_last()
    {
        var limits = BatchLimits.Default with { Rows = 4 };
        await Lake.CdcAsync(People, TenChanges);
        await Lake.ChangeAsync(People, 'I', 200, 9, "next");

        var (outputs, begun) = (new List<MergeOutput>(), new List<string?>());
        do
        {
            outputs.Add(await Job.RunAsync(People, limits, CancellationToken.None));
            begun.Add(await Analytics.ScalarAsync<string>("SELECT string_agg(coalesce(rows_merged::text, 'done'), ' ') FROM cdc.files"));
        }
        while (outputs[^1].More);

        Assert.Equal([(4L, 0), (4L, 0), (2L, 1), (1L, 1)], outputs.Select(output => (output.Rows.Read, output.Files)));
        Assert.Equal(["4", "8", "done", "done done"], begun);
        Assert.All(outputs, output => Assert.True(output.Rows.Balance()));
        Assert.Equal("0=v100 1=v99 2=v98 3=v97 9=next", await PeopleAsync());
        await AssertAnswerAsync(2L, "SELECT sum(files)::bigint FROM cdc.batches");
        Assert.Equal(0, (await MergeAsync(People)).Read);
    }

    [Fact]
    public async Task A_file_that_was_begun_goes_on_where_it_was_whatever_the_limits_are_then()
    {
        await Lake.CdcAsync(People, TenChanges);
        await Job.RunAsync(People, BatchLimits.Default with { Rows = 3 }, CancellationToken.None);
        await Lake.ChangeAsync(People, 'I', 200, 9, "next");

        var rest = await Job.RunAsync(People, BatchLimits.Default, CancellationToken.None);

        Assert.Equal((7L, 1, true), (rest.Rows.Read, rest.Files, rest.More));
        Assert.Equal(1, (await MergeAsync(People)).Read);
        Assert.Equal("0=v100 1=v99 2=v98 3=v97 9=next", await PeopleAsync());
    }

    [Fact]
    public async Task A_batch_is_bounded_by_files_by_rows_and_a_files_parts_by_bytes()
    {
        for (var file = 1; file <= 5; file++)
            await Lake.CdcAsync(People, $"SELECT 'I' AS op, {file} AS v, {file} * 10 + range::INTEGER AS id, 'n' AS name FROM range(3)");
        var large = await Lake.CdcAsync(
            People, "SELECT 'U' AS op, 100 AS v, range::INTEGER AS id, md5(range::VARCHAR) AS name FROM range(1000)");
        var bytes = (await Lake.BytesAsync(large)).Length;

        Assert.Equal([2, 2, 2], await FilesAsync(BatchLimits.Default with { Files = 2 }, 3));
        Assert.Equal([2, 2, 1], await FilesAsync(BatchLimits.Default with { Rows = 8 }, 3));
        Assert.Equal([5, 0, 0, 0, 1], await FilesAsync(BatchLimits.Default with { FileBytes = bytes / 4 + 20 }, 5));
        await AssertAnswerAsync(1000L, "SELECT count(*) FROM analytics.people");
    }

    /// <summary>The files of the first batches; afterwards what they merged is forgotten.</summary>
    private async Task<List<int>> FilesAsync(BatchLimits limits, int batches)
    {
        if (await Analytics.ScalarAsync<bool>("SELECT to_regclass('cdc.files') IS NOT NULL"))
            await Analytics.ExecuteAsync("DELETE FROM cdc.files");
        var files = new List<int>();
        while (files.Count < batches)
            files.Add((await Job.RunAsync(People, limits, CancellationToken.None)).Files);
        return files;
    }

    [Fact]
    public async Task Parts_of_full_loads_are_planned_and_merged_side_by_side_each_once()
    {
        var limits = BatchLimits.Default with { Bytes = 1, Rows = 30 };
        await Lake.LoadAsync(People, 1, "SELECT range::INTEGER AS id, 'one' AS name FROM range(100)");
        await Lake.LoadAsync(People, 2, "SELECT 1000 + range::INTEGER AS id, 'two' AS name FROM range(100)");

        var (rows, rounds) = (new RowCounts(), 0);
        for (IReadOnlyList<FileGroup> groups; (groups = await GroupsAsync(limits)).Count > 0; rounds++)
            foreach (var output in await Task.WhenAll(
                groups.Concat(groups).Select(group => Job.RunAsync(People, group, limits, CancellationToken.None))))
                rows += output.Rows;

        Assert.Equal(new RowCounts { Read = 200, Inserted = 200 }, rows);
        Assert.InRange(rounds, 2, 4);
        await AssertAnswerAsync(200L, "SELECT count(*) FROM analytics.people");
    }

    private async Task<IReadOnlyList<FileGroup>> GroupsAsync(BatchLimits limits) =>
        (await Job.PlanAsync(People, limits, CancellationToken.None)).SnapshotGroups;

    [Fact]
    public async Task A_batch_that_died_halves_the_next_and_batches_that_fit_raise_the_bound_slowly()
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MergeAsync(People);
        await Lake.CdcAsync(People, "SELECT 'I' AS op, 5 AS v, range::INTEGER AS id, md5(range::VARCHAR) AS name FROM range(60000)");
        await using var alive = await Analytics.OpenAsync();
        await using (var note = new NpgsqlCommand(
            "INSERT INTO cdc.attempts (table_id, files, bytes) SELECT id, 1, 600000 FROM cdc.tables "
            + "RETURNING pg_advisory_lock(1130652485, id)",
            alive))
            await note.ExecuteNonQueryAsync();

        await Job.PlanAsync(People, BatchLimits.Default, CancellationToken.None);
        Assert.Null(await BoundAsync());
        await alive.CloseAsync();
        NpgsqlConnection.ClearPool(alive);
        await UntilAsync("SELECT NOT EXISTS (SELECT FROM pg_locks JOIN cdc.attempts ON objid = id WHERE classid = 1130652485)");
        var outputs = new List<MergeOutput>();
        do
            outputs.Add(await Job.RunAsync(People, BatchLimits.Default with { Rows = 3000 }, CancellationToken.None));
        while (outputs[^1].More);

        Assert.Equal(20, outputs.Count);
        Assert.All(outputs, output => Assert.Equal(3000, output.Rows.Read));
        Assert.Equal("200 600000", await BoundAsync());
        await AssertAnswerAsync(0L, "SELECT count(*) FROM cdc.attempts");
    }

    [Fact]
    public async Task A_batch_that_took_too_long_for_the_database_is_tried_again_with_half_at_once()
    {
        // PostgreSQL cancels a statement (statement_timeout) that writes more than 9,000 rows.
        await TargetAsync(
            "id integer PRIMARY KEY, name text, CHECK (public.fits())",
            before: """
                CREATE FUNCTION public.fits() RETURNS boolean LANGUAGE plpgsql AS $$
                DECLARE n integer := coalesce(nullif(current_setting('test.rows', true), '')::integer, 0) + 1;
                BEGIN
                    PERFORM set_config('test.rows', n::text, true);
                    IF n > 9000 THEN RAISE EXCEPTION 'canceling statement' USING ERRCODE = '57014'; END IF;
                    RETURN true;
                END $$
                """);
        await Lake.CdcAsync(People, "SELECT 'U' AS op, 5 AS v, range::INTEGER AS id, md5(range::VARCHAR) AS name FROM range(30000)");

        var first = await Job.RunAsync(People with { Key = null, Columns = null }, BatchLimits.Default, CancellationToken.None);

        Assert.Equal((0, true), (first.Files, first.More));
        Assert.InRange(first.Rows.Inserted, 7000, 8000);
        Assert.Equal(30000, first.Rows.Inserted + (await MergeAsync(People with { Key = null, Columns = null })).Inserted);
    }

    [Fact]
    public async Task A_merge_that_is_stopped_or_killed_leaves_less_to_the_next_and_one_that_fails_does_not()
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MergeAsync(People);
        await Lake.CdcAsync(People, "SELECT 'U' AS op, 5 AS v, range::INTEGER AS id, md5(range::VARCHAR) AS name FROM range(30000)");
        await using var holder = await Analytics.OpenAsync();
        await using var transaction = await holder.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("SELECT FROM analytics.people FOR UPDATE", holder, transaction))
            await hold.ExecuteNonQueryAsync();
        const string waits =
            "FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' "
            + "AND query LIKE '%INSERT INTO \"analytics\"%'";

        await Analytics.ExecuteAsync("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET lock_timeout = 100', current_database()); END $$");
        NpgsqlConnection.ClearAllPools();
        await AssertRefusedAsync(People, ErrorKind.Unavailable, "lock timeout");
        Assert.Null(await BoundAsync());
        await Analytics.ExecuteAsync("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET lock_timeout', current_database()); END $$");
        NpgsqlConnection.ClearAllPools();

        using var stop = new CancellationTokenSource();
        var stopped = Job.RunAsync(People, BatchLimits.Default, stop.Token);
        await UntilAsync($"SELECT EXISTS (SELECT {waits})");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopped);
        var bytes = await Analytics.ScalarAsync<long>("SELECT most_bytes FROM cdc.tables");

        var killed = Job.RunAsync(People, BatchLimits.Default, CancellationToken.None);
        await UntilAsync($"SELECT coalesce(bool_or(pg_terminate_backend(pid)), false) {waits}");
        await Assert.ThrowsAsync<CdcDmsException>(() => killed);
        await transaction.RollbackAsync();

        var output = await Job.RunAsync(People, BatchLimits.Default, CancellationToken.None);
        Assert.InRange(output.Rows.Read, 7000, 8000);
        await AssertAnswerAsync(bytes / 2, "SELECT most_bytes FROM cdc.tables");
        Assert.Equal(30000, output.Rows.Read + (await MergeAsync(People)).Read);
    }

    private Task<string?> BoundAsync() => Analytics.ScalarAsync<string?>("SELECT most_files || ' ' || most_bytes FROM cdc.tables");

    private async Task UntilAsync(string condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await Analytics.ScalarAsync<bool>(condition))
            deadline.Token.ThrowIfCancellationRequested();
    }
}
