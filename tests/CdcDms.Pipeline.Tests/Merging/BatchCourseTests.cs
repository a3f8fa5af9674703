using System.Diagnostics;
using CdcDms.Pipeline.Merging;
using Npgsql;

namespace CdcDms.Pipeline.Tests.Merging;

/// <summary>How a batch went, its ways and where its time went: in the output, in the ledger, and of a batch that failed.</summary>
public sealed class BatchCourseTests(TestServers servers) : MergeFixture(servers)
{
    [Fact]
    public async Task The_status_tells_the_last_batch_as_its_output_does_but_for_the_commit()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')", "('U', 2, 1, 'bob')", "('I', 3, 2, 'cyd')");

        var output = await RunAsync();
        var batch = (await StatusAsync()).LastBatch!;

        Assert.Equal((output.Rows, output.Files, output.Bytes), (batch.Rows, batch.Files, batch.Bytes));
        Assert.Equal((1, 1), (output.Attempts, batch.Course!.Attempts));
        Assert.Equal([MergeWay.Staged], output.Ways);
        Assert.Equal([MergeWay.Staged], batch.Course.Ways);
        Assert.All(
            new[] { output.Phases.ListSeconds, output.Phases.FetchSeconds, output.Phases.ReduceSeconds, output.Phases.CopySeconds },
            seconds => Assert.True(seconds > 0));
        Assert.Equal(output.Phases with { MergeSeconds = batch.Course.Phases.MergeSeconds }, batch.Course.Phases);
        Assert.InRange(batch.Course.Phases.MergeSeconds, 0.001, output.Phases.MergeSeconds);
        Assert.Equal(batch.Course.Phases.Seconds, batch.Seconds);
    }

    [Fact]
    public async Task Rows_that_are_copied_into_the_target_itself_went_straight()
    {
        await LoadAsync("(1, 'ada'), (2, 'bob')");

        await AssertWaysAsync(MergeWay.Straight);
    }

    [Fact]
    public async Task Of_a_load_that_had_to_be_staged_both_ways_are_told()
    {
        await LoadAsync("(1, 'ada'), (1, 'ada')");

        await AssertWaysAsync(MergeWay.Straight, MergeWay.Staged);
    }

    [Fact]
    public async Task A_batch_with_a_refused_row_tells_the_ways_that_failed_on_it()
    {
        await TargetAsync("id integer PRIMARY KEY, name varchar(3)");
        await LoadAsync("(1, 'ada'), (2, 'too long')");

        await AssertWaysAsync(MergeWay.Straight, MergeWay.Staged, MergeWay.Careful);
        Assert.Equal(1, (await StatusAsync()).LastBatch!.Rows.Quarantined);
    }

    [Fact]
    public async Task A_part_of_a_file_tells_its_ways_too()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')", "('I', 2, 2, 'bob')", "('I', 3, 3, 'cyd')");

        await Job.RunAsync(People, BatchLimits.Default with { Rows = 2 }, CancellationToken.None);

        var batch = (await StatusAsync()).LastBatch!;
        Assert.Equal((2, 0), (batch.Rows.Read, batch.Files));
        Assert.Equal([MergeWay.Staged], batch.Course!.Ways);
    }

    [Fact]
    public async Task A_merge_that_finds_nothing_or_only_unreadable_files_tells_the_time_of_its_search()
    {
        var nothing = await RunAsync();
        await Lake.PutBytesAsync(Lake.CdcKey(People, DateTime.UtcNow, DateTime.UtcNow), [1, 2, 3]);
        var unreadable = await RunAsync();

        Assert.Equal((0, true), (nothing.Attempts, nothing.Phases.ListSeconds > 0));
        Assert.Equal((1, 1, true), (unreadable.Attempts, unreadable.FilesRejected, unreadable.Phases.FetchSeconds > 0));
        Assert.Empty(unreadable.Ways);
        Assert.Null((await StatusAsync()).LastBatch);
    }

    [Fact]
    public async Task Attempts_that_were_given_up_for_another_choice_of_files_are_counted()
    {
        await Lake.PutBytesAsync(Lake.CdcKey(People, DateTime.UtcNow, DateTime.UtcNow), [1, 2, 3]);
        await ChangesAsync(People, "('I', 1, 1, 'ada')");

        var output = await RunAsync();

        Assert.Equal((2, 1), (output.Attempts, output.FilesRejected));
        Assert.Equal(2, (await StatusAsync()).LastBatch!.Course!.Attempts);
    }

    [Fact]
    public async Task A_batch_that_fails_tells_how_far_it_came_and_leaves_nothing_in_the_ledger()
    {
        await TargetAsync("id integer PRIMARY KEY, name varchar(3)");
        await ChangesAsync(People, "('I', 1, 1, 'too long')");
        List<BatchCourse> heard = [];
        var job = new MergeJob(Lake.Reader, Analytics.ConnectionString) { GivenUp = heard.Add };

        await Assert.ThrowsAsync<CdcDmsException>(() => job.RunAsync(
            People with { BadRows = BadRowPolicy.Fail }, BatchLimits.Default, CancellationToken.None));

        var course = Assert.Single(heard);
        Assert.Equal((1, true), (course.Attempts, course.Phases is { FetchSeconds: > 0, CopySeconds: > 0, MergeSeconds: > 0 }));
        Assert.Equal([MergeWay.Staged], course.Ways);
        Assert.Null((await StatusAsync()).LastBatch);
    }

    [Fact]
    public async Task To_wait_for_another_merge_is_to_prepare()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);
        await ChangesAsync(People, "('U', 2, 1, 'bob')");
        await using var other = await Analytics.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("SELECT pg_advisory_xact_lock(x'43646344'::int, id) FROM cdc.tables", other))
            await hold.ExecuteNonQueryAsync();

        var merging = RunAsync();
        var began = Stopwatch.GetTimestamp();
        while (!await Analytics.ScalarAsync<bool>(
            """
            SELECT count(*) = 1 FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event = 'advisory' AND clock_timestamp() - query_start > interval '300 ms'
            """))
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(1), "Nobody waits.");
        await transaction.CommitAsync();

        Assert.True((await merging).Phases.PrepareSeconds >= 0.3);
    }

    private Task<MergeOutput> RunAsync() => Job.RunAsync(People, BatchLimits.Default, CancellationToken.None);

    private Task LoadAsync(string rows) =>
        Lake.LoadAsync(People, 1, $"SELECT id::INTEGER AS id, name FROM (VALUES {rows}) t(id, name)");

    /// <summary>The next batch takes these ways, as its output and the ledger say.</summary>
    private async Task AssertWaysAsync(params MergeWay[] ways)
    {
        Assert.Equal(ways, (await RunAsync()).Ways);
        Assert.Equal(ways, (await StatusAsync()).LastBatch!.Course!.Ways);
    }
}
