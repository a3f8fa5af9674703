using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Merging;
using CdcDms.Pipeline.Postgres;

namespace CdcDms.Pipeline.Tests.Markers;

/// <summary>Markers on their way through the lake into the ledger, and what is due by them.</summary>
public sealed class MarkerJobTests(TestServers servers) : MergeFixture(servers)
{
    [Fact]
    public async Task Markers_come_into_the_ledger_once_with_their_versions()
    {
        await MarkersAsync("('I', 100, 1), ('I', 200, 2)");

        var output = await RunAsync();
        var again = await RunAsync();

        Assert.Equal((1, 0, true), (output.Files, output.FilesRejected, output.InOrder));
        Assert.Equal(Committed, output.NewestUtc);
        Assert.Equal((0, Committed), (again.Files, again.NewestUtc));
        Assert.Equal("1/1=100 1/2=200", await LedgerAsync());
    }

    [Fact]
    public async Task Rows_of_a_full_load_and_deletes_are_no_markers()
    {
        await Lake.LoadAsync(MarkerTable.Definition, 1, "SELECT 1::BIGINT AS number, uuid() AS id, 60 AS interval_seconds");
        await MarkersAsync("('D', 100, 1)");
        Assert.Null((await RunAsync()).NewestUtc);
        await MarkersAsync("('U', 150, 1), ('I', 200, 2)");

        await RunAsync();

        Assert.Equal("1/2=200", await LedgerAsync());
    }

    [Fact]
    public async Task A_marker_that_comes_again_keeps_its_lowest_and_highest_version_in_each_generation()
    {
        await MarkersAsync("('I', 200, 1), ('I', 400, 2)");
        await RunAsync();
        await MarkersAsync("('I', 100, 1)", "('I', 500, 2)");
        Lake.Generation = 2;
        await MarkersAsync("('I', 7, 2)");

        Assert.True((await RunAsync()).InOrder);

        Assert.Equal("1/1=100-200 1/2=400-500 2/2=7", await LedgerAsync());
    }

    [Fact]
    public async Task A_number_that_a_restored_source_takes_again_is_another_marker_and_told()
    {
        await MarkersAsync("('I', 100, 1), ('I', 200, 2)");
        await MarkersOfAsync(source: 2, "('I', 900, 1)");

        Assert.False((await RunAsync()).InOrder);
        Assert.Equal("1/1=100 1/1=900 1/2=200", await LedgerAsync());

        Lake.Generation = 2;
        await MarkersOfAsync(source: 2, "('I', 950, 2)");
        Assert.True((await RunAsync()).InOrder);
    }

    [Fact]
    public async Task Markers_are_kept_for_90_days()
    {
        await MarkersAsync("('I', 100, 1), ('I', 200, 2), ('I', 300, 3)");
        await RunAsync();
        await StoredAsync(number: 1, secondsAgo: 91 * 86_400);
        await StoredAsync(number: 2, secondsAgo: 89 * 86_400);
        await MarkersAsync("('I', 400, 4)");

        await RunAsync();

        Assert.StartsWith("1/2=200 1/3=300 1/4=400", await LedgerAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("('I', 200, 1), ('I', 100, 2)")]
    [InlineData("('I', 200, 1), ('I', 200, 2)")]
    public async Task Versions_that_do_not_rise_with_the_numbers_are_told(string rows)
    {
        await MarkersAsync(rows);

        Assert.False((await RunAsync()).InOrder);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_hides_no_other()
    {
        await Lake.PutBytesAsync(Lake.CdcKey(MarkerTable.Definition, Committed, Committed), [1, 2, 3]);
        await MarkersAsync("('I', 100, 1)");

        var output = await RunAsync();

        Assert.Equal((1, 1), (output.Files, output.FilesRejected));
        Assert.Equal("1/1=100", await LedgerAsync());
        Assert.Empty(await new StatusJob(Analytics.ConnectionString).ReadAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_lake_without_markers_leaves_the_analytics_database_as_it_is()
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");

        Assert.Null((await RunAsync()).NewestUtc);
        await AssertAnswerAsync<long>(0, "SELECT count(*) FROM pg_namespace WHERE nspname = 'cdc'");
    }

    [Fact]
    public async Task Lakes_into_one_database_do_not_see_each_others_markers()
    {
        await MarkersAsync("('I', 100, 1)", "('I', 200, 2)");
        await RunAsync();
        await StoredAsync(number: 1, secondsAgo: 600);
        using var other = await TestLake.CreateAsync(Servers);
        await other.ChangeAsync(People, 'I', 1, 1, "ada");
        await new MergeJob(other.Reader, Analytics.ConnectionString).RunAsync(People, BatchLimits.Default, CancellationToken.None);

        Assert.Null(await DueAsync());
    }

    [Fact]
    public async Task Markers_of_a_lake_that_fills_nothing_beside_one_that_does_are_left_until_it_fills_a_target()
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MergeAsync(People);
        using var other = await TestLake.CreateAsync(Servers);
        await other.CdcAsync(
            MarkerTable.Definition, "SELECT 'I' AS op, 1 AS v, 1::BIGINT AS number, uuid() AS id, 60 AS interval_seconds");
        var animals = People with { Name = "animals", Target = "analytics.animals" };
        await other.ChangeAsync(animals, 'I', 1, 1, "cat");
        Task<MergeMarkersOutput> MarkersOfOtherAsync() =>
            new MarkerJob(other.Reader, Analytics.ConnectionString).MergeAsync(CancellationToken.None);

        Assert.Equal((0, null), ((await MarkersOfOtherAsync()).Files, (await MarkersOfOtherAsync()).NewestUtc));
        await AssertAnswerAsync<string>("people", "SELECT string_agg(target_name, ' ') FROM cdc.tables");

        await new MergeJob(other.Reader, Analytics.ConnectionString).RunAsync(animals, BatchLimits.Default, CancellationToken.None);
        Assert.Equal(1, (await MarkersOfOtherAsync()).Files);
    }

    [Fact]
    public async Task A_marker_is_due_once_a_listing_is_three_intervals_later_than_its_object()
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MarkersAsync("('I', 100, 1)");
        await RunAsync();
        await MergeAsync(People);
        Assert.Null(await DueAsync());

        // The time of a listing is that of the newest marker which was stored before the listing began.
        await MarkersAsync("('I', 200, 2)");
        await RunAsync();
        await StoredAsync(number: 1, secondsAgo: 181);
        Assert.Null(await DueAsync());
        await MergeAsync(People);
        Assert.Equal(1, await DueAsync());

        await StoredAsync(number: 1, secondsAgo: 179);
        Assert.Null(await DueAsync());
    }

    [Fact]
    public async Task After_a_standstill_one_marker_alone_does_not_say_that_the_files_before_it_have_come()
    {
        await MarkersAsync("('I', 100, 1)", "('I', 200, 2)");
        await RunAsync();
        await StoredAsync(number: 1, secondsAgo: 7200);
        await Analytics.ExecuteAsync("DELETE FROM cdc.markers WHERE number = 99");
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MergeAsync(People);

        Assert.Null(await DueAsync());
    }

    [Fact]
    public async Task A_marker_that_was_held_up_says_nothing_about_what_else_is_on_its_way()
    {
        await MarkersAsync("('I', 100, 1)", "('I', 200, 2)");
        await RunAsync();
        await StoredAsync(number: 1, secondsAgo: 600);
        await Analytics.ExecuteAsync("UPDATE cdc.markers SET committed_at = stored_at - interval '121 seconds' WHERE number = 2");
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await MergeAsync(People);

        Assert.Null(await DueAsync());
    }

    [Fact]
    public async Task Nothing_is_due_while_files_wait_or_are_rejected_or_for_a_newer_generation()
    {
        await MarkersAsync("('I', 100, 1)", "('I', 200, 2)");
        await RunAsync();
        await StoredAsync(number: 1, secondsAgo: 600);
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await Lake.ChangeAsync(People, 'I', 2, 2, "bob");
        await Job.RunAsync(People, 1, CancellationToken.None);
        Assert.Null(await DueAsync());
        await MergeAsync(People);
        Assert.Equal(1, await DueAsync());

        await Lake.PutBytesAsync(Lake.CdcKey(People, DateTime.UtcNow, DateTime.UtcNow), [1, 2, 3]);
        await MergeAsync(People);
        Assert.Null(await DueAsync());

        await Analytics.ExecuteAsync("DELETE FROM cdc.rejected_files");
        Assert.Equal(1, await DueAsync());
        await Analytics.ExecuteAsync("INSERT INTO cdc.generations (table_id, generation) SELECT id, 2 FROM cdc.tables "
            + "WHERE target_name = 'people'");
        Assert.Null(await DueAsync());
    }

    [Fact]
    public async Task A_merge_that_leaves_nothing_tells_up_to_when_everything_is_merged()
    {
        await Lake.ChangeAsync(People, 'I', 1, 1, "ada");
        await Lake.ChangeAsync(People, 'I', 2, 2, "bob");
        await MarkersAsync("('I', 100, 1)", "('I', 200, 2)");
        await RunAsync();
        await StoredAsync(number: 1, secondsAgo: 600);
        var committed = await Analytics.ScalarAsync<DateTime>("SELECT committed_at FROM cdc.markers WHERE number = 1");

        var first = await Job.RunAsync(People, 1, CancellationToken.None);
        var last = await Job.RunAsync(People, 1, CancellationToken.None);
        var before = await StatusAsync();
        await StoredAsync(number: 1, secondsAgo: 300);
        var nothing = await Job.RunAsync(People, 1, CancellationToken.None);
        await Lake.ChangeAsync(People, 'U', 3, 1, "eve");
        await Lake.ChangeAsync(People, 'U', 4, 2, "eva");
        var again = await Job.RunAsync(People, 1, CancellationToken.None);

        Assert.Equal((1, true, null), (first.Files, first.More, first.FreshUntilUtc));
        Assert.Equal((1, false, committed), (last.Files, last.More, last.FreshUntilUtc));
        Assert.Equal((committed, true), (before.FreshUntilUtc, before.FreshnessSeconds is >= 600 and < 700));
        Assert.Equal((0, committed.AddSeconds(300)), (nothing.Files, nothing.FreshUntilUtc));
        Assert.Equal((1, true, null), (again.Files, again.More, again.FreshUntilUtc));
    }

    // TestLake's commit time.
    private static DateTime Committed { get; } = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc).AddMicroseconds(678901);

    /// <summary>Puts a file for each text of rows: operation, sequence, number.</summary>
    private Task MarkersAsync(params string[] files) => MarkersOfAsync(source: 1, files);

    private async Task MarkersOfAsync(int source, params string[] files)
    {
        foreach (var rows in files)
            await Lake.CdcAsync(
                MarkerTable.Definition,
                $"SELECT op, v, number::BIGINT AS number, md5({source} || number)::UUID AS id, 60 AS interval_seconds "
                + $"FROM (VALUES {rows}) t(op, v, number)");
    }

    private Task<MergeMarkersOutput> RunAsync() =>
        new MarkerJob(Lake.Reader, Analytics.ConnectionString).MergeAsync(CancellationToken.None);

    /// <summary>
    /// Lets a marker be one that was stored so long before the newest, all others be ones that were not held up, and puts one between that
    /// came two intervals before the newest.
    /// </summary>
    private Task StoredAsync(int number, int secondsAgo) => Analytics.ExecuteAsync(
        $"""
        UPDATE cdc.markers SET committed_at = stored_at;
        UPDATE cdc.markers SET (stored_at, committed_at) = (SELECT m.at, m.at FROM (
            SELECT max(stored_at) - interval '{secondsAgo} seconds' AS at FROM cdc.markers) m) WHERE number = {number};
        INSERT INTO cdc.markers (
            lake, generation, id, number, lowest_version, highest_version, committed_at, stored_at, interval_seconds)
        SELECT lake, 1, '00000000-0000-0000-0000-000000000099', 99, 1e35 + 9000, 1e35 + 9000, at, at, 60
        FROM (SELECT max(lake) AS lake, max(stored_at) - interval '120 seconds' AS at FROM cdc.markers) newest
        ON CONFLICT (lake, generation, id) DO UPDATE SET committed_at = EXCLUDED.committed_at, stored_at = EXCLUDED.stored_at
        """);

    private async Task<long?> DueAsync()
    {
        await using var connection = await Database.OpenAsync(Analytics.ConnectionString, "analytics", CancellationToken.None);
        var id = await Analytics.ScalarAsync<int>("SELECT id FROM cdc.tables WHERE target_name = 'people'");
        return (await DueMarker.NewestAsync(connection, id, CancellationToken.None))?.Number;
    }

    private async Task<string> LedgerAsync() => await Analytics.ScalarAsync<string>(
        """
        SELECT string_agg(generation || '/' || number || '=' || (lowest_version % 1e35)::bigint
            || CASE WHEN highest_version > lowest_version THEN '-' || (highest_version % 1e35)::bigint ELSE '' END, ' '
            ORDER BY generation, number, lowest_version) FROM cdc.markers
        """) ?? "";
}
