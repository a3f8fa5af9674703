using CdcDms.Pipeline.Merging;

namespace CdcDms.Pipeline.Tests.Changes;

/// <summary>Files as DMS may write them.</summary>
public sealed class ChangeFileTests(TestServers servers) : MergeFixture(servers)
{
    private static readonly TableDefinition Wide = People with
    {
        Columns = [.. People.Columns!, new() { From = "extra", To = "extra", Type = "text" }],
    };

    [Theory]
    [InlineData("SELECT 1 AS id, 'ada' AS name")]
    [InlineData("SELECT NULL::VARCHAR AS \"Op\", NULL::VARCHAR AS cdc_timestamp, 1 AS id, 'ada' AS name, NULL::VARCHAR AS cdc_change_seq")]
    [InlineData("SELECT 'ada' AS name, '' AS cdc_change_seq, 'I' AS \"Op\", 1::BIGINT AS id, 'not a time' AS cdc_timestamp")]
    public async Task Full_load_files_need_none_of_the_columns_that_DMS_adds(string select)
    {
        await Lake.PutAsync(Lake.LoadKey(People, 1), select);

        Assert.Equal(new RowCounts { Read = 1, Inserted = 1 }, await MergeAsync(People));
        Assert.Equal("1=ada", await PeopleAsync());
    }

    [Fact]
    public async Task Files_without_rows_are_applied_and_change_nothing()
    {
        await Lake.LoadAsync(People, 1, "SELECT 1 AS id, 'ada' AS name WHERE false");
        await Lake.CdcAsync(People, "SELECT 'I' AS op, 1 AS v, 1 AS id, 'ada' AS name WHERE false");

        Assert.Equal(new RowCounts(), await MergeAsync(People));
        Assert.Equal(2, await Analytics.ScalarAsync<long>("SELECT count(*) FROM cdc.files"));
    }

    [Fact]
    public async Task A_column_that_a_file_lacks_is_not_touched()
    {
        await Lake.CdcAsync(
            Wide,
            "SELECT * FROM (VALUES ('I', 1, 1, 'ada', 'kept'), ('I', 2, 2, 'bob', 'gone')) t(op, v, id, name, extra)");
        await ChangesAsync(Wide, "('U', 3, 1, 'ada 2')", "('I', 4, 3, 'cyd')");
        await Lake.CdcAsync(Wide, "SELECT 'U' AS op, 5 AS v, 2 AS id, NULL::VARCHAR AS extra");

        await MergeAsync(Wide);

        Assert.Equal("1 ada 2 kept, 2 bob ∅, 3 cyd ∅", await WideAsync());
    }

    [Fact]
    public async Task A_column_dropped_again_keeps_what_came_between()
    {
        await Lake.CdcAsync(Wide, "SELECT 'I' AS op, 1 AS v, 1 AS id, 'ada' AS name");
        await Lake.CdcAsync(Wide, "SELECT 'U' AS op, 2 AS v, 1 AS id, 'ada 2' AS name, 'between' AS extra");
        await Lake.CdcAsync(Wide, "SELECT 'U' AS op, 3 AS v, 1 AS id, 'ada 3' AS name");

        await MergeAsync(Wide);

        Assert.Equal("1 ada 3 between", await WideAsync());
    }

    [Fact]
    public async Task A_file_with_the_key_alone_touches_no_column_and_leaves_each_to_older_changes()
    {
        await Lake.CdcAsync(People, "SELECT 'I' AS op, 10 AS v, 1 AS id, 'ada' AS name");
        await Lake.CdcAsync(People, "SELECT * FROM (VALUES ('U', 20, 1), ('I', 30, 2)) t(op, v, id)");
        await MergeAsync(People);
        Assert.Equal("1=ada 2=∅", await PeopleAsync());

        await ChangesAsync(People, "('U', 15, 1, 'ada 2')", "('U', 25, 2, 'bob')");
        Assert.Equal(new RowCounts { Read = 2, Updated = 2 }, await MergeAsync(People));
        await ChangesAsync(People, "('U', 14, 1, 'older')", "('U', 24, 2, 'older')");
        Assert.Equal(new RowCounts { Read = 2, Stale = 2 }, await MergeAsync(People));

        Assert.Equal("1=ada 2 2=bob", await PeopleAsync());
        await AssertAnswerAsync<string>("20 30", "SELECT string_agg(mod(_cdc_version, 1e35)::text, ' ' ORDER BY id) FROM analytics.people");
    }

    [Fact]
    public async Task A_change_told_twice_in_files_with_different_columns_counts_once()
    {
        await ChangesAsync(Wide, "('I', 1, 1, 'ada')", "('D', 2, 2, NULL)");
        await Lake.CdcAsync(
            Wide,
            "SELECT * FROM (VALUES ('I', 1, 1, 'ada', NULL), ('D', 2, 2, NULL, NULL), ('I', 3, 3, 'cyd', 'x')) t(op, v, id, name, extra)");

        var rows = await MergeAsync(Wide);

        Assert.Equal(new RowCounts { Read = 5, Inserted = 2, Deleted = 1, Unchanged = 2 }, rows);
        Assert.Equal("1 ada ∅, 3 cyd x", await WideAsync());
    }

    [Theory]
    [InlineData("7::INTEGER", "'seven'")]
    [InlineData("'12345678901234567890123456789012345678'::DECIMAL(38,0)", "'0.5'::DECIMAL(38,20)")]
    [InlineData("9007199254740993::BIGINT", "0.5::DOUBLE")]
    [InlineData("TIMESTAMP '2026-01-01 00:00:00'", "DATE '2026-01-01'")]
    public async Task A_column_whose_type_has_changed_keeps_each_value_as_it_was_written(string before, string after)
    {
        await Lake.CdcAsync(Wide, $"SELECT 'I' AS op, 1 AS v, 1 AS id, {before} AS extra");
        await MergeAsync(Wide);
        await Lake.CdcAsync(Wide, $"SELECT 'I' AS op, 2 AS v, 2 AS id, {after} AS extra");
        await MergeAsync(Wide);
        var apart = await WideAsync();
        await Lake.CdcAsync(Wide, $"SELECT 'U' AS op, 3 AS v, 1 AS id, {before} AS extra");
        await Lake.CdcAsync(Wide, $"SELECT 'U' AS op, 4 AS v, 2 AS id, {after} AS extra");

        Assert.Equal(2, (await MergeAsync(Wide)).Updated);
        Assert.Equal(apart, await WideAsync());
    }

    private async Task<string?> WideAsync() => await Analytics.ScalarAsync<string>(
        "SELECT string_agg(concat_ws(' ', id, name, coalesce(extra, '∅')), ', ' ORDER BY id) FROM analytics.people");

    [Fact]
    public async Task Rows_wider_than_the_memory_has_room_to_order_arrive()
    {
        // Each text is its own, or the file would keep it once; and together they are more than twice the memory.
        for (var file = 0; file < 8; file++)
            await Lake.CdcAsync(
                People,
                "SELECT 'I' AS op, range + 1 AS v, range::INTEGER AS id, range || repeat('x', 400000) AS name "
                + $"FROM range({file * 100}, {file * 100 + 100})");
        await Lake.CdcAsync(
            People,
            "SELECT 'U' AS op, range + 1000 AS v, range::INTEGER AS id, range || repeat('y', 400000) AS name FROM range(0, 800, 100)");

        var job = new MergeJob(Lake.Reader, Analytics.ConnectionString, memoryMegabytes: 160);
        var output = await job.RunAsync(People, 1 << 30, CancellationToken.None);

        Assert.Equal(new RowCounts { Read = 808, Inserted = 800, Superseded = 8 }, output.Rows);
        await AssertAnswerAsync<string>(
            "792x 8y",
            "SELECT count(*) FILTER (WHERE name = id || repeat('x', 400000)) || 'x ' "
            + "|| count(*) FILTER (WHERE name = id || repeat('y', 400000)) || 'y' FROM analytics.people");
    }
}
