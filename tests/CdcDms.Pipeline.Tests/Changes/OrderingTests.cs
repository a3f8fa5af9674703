namespace CdcDms.Pipeline.Tests.Changes;

/// <summary>Orders that are weaker than the change sequence, for lakes that do not have it.</summary>
public sealed class OrderingTests(TestServers servers) : MergeFixture(servers)
{
    private static readonly TableDefinition ByTime = People with { Ordering = ChangeOrdering.Timestamp };

    private static TableDefinition Fed(string? orderBy) =>
        People with { Feed = new TableFeed { Prefix = "processed/people/", OrderBy = orderBy } };

    [Fact]
    public async Task By_timestamp_the_later_commit_wins_whatever_comes_first()
    {
        await PutRowsAsync(2, $"('U', '{Today} 03:04:05.000010', 1, 'last')", $"('D', '{Today} 03:04:05.000009', 2, NULL)");
        await MergeAsync(ByTime);
        await PutRowsAsync(3, $"('I', '{Today} 03:04:05.000009', 1, 'first')", $"('I', '{Today} 03:04:05.000001', 2, 'gone')");

        Assert.Equal(new RowCounts { Read = 2, Stale = 2 }, await MergeAsync(ByTime));
        Assert.Equal("1=last", await PeopleAsync());
    }

    [Fact]
    public async Task At_one_timestamp_the_later_row_of_a_file_and_then_the_later_file_wins()
    {
        await PutRowsAsync(2, $"('I', '{Today} 03:04:05.5', 1, 'a')", $"('U', '{Today} 03:04:05.5', 1, 'b')");
        await MergeAsync(ByTime);
        Assert.Equal("1=b", await PeopleAsync());
        await PutAsync(3, $"SELECT 'U' AS op, '{Today} 03:04:05.5' AS committed, 1 AS id, 'c' AS name");
        await MergeAsync(ByTime);
        await PutAsync(1, $"SELECT 'U' AS op, '{Today} 03:04:05.5' AS committed, 1 AS id, 'too early' AS name");
        await MergeAsync(ByTime);

        Assert.Equal("1=c", await PeopleAsync());
        await MergeAsync(ByTime with { Target = "analytics.once" });
        Assert.Equal("c", await Analytics.ScalarAsync<string>("SELECT name FROM analytics.once"));
    }

    [Fact]
    public async Task A_row_without_a_time_is_put_aside_and_a_snapshot_row_loses_to_every_change()
    {
        await PutRowsAsync(1, $"('U', '{Today} 03:04:05.5', 1, 'changed')", "('U', 'never', 2, 'when?')");
        await Lake.LoadAsync(ByTime, 1, "SELECT * FROM (VALUES (1, 'ada'), (2, 'bob')) t(id, name)");

        Assert.Equal(new RowCounts { Read = 4, Inserted = 2, Updated = 1, Quarantined = 1 }, await MergeAsync(ByTime));
        Assert.Equal("1=changed 2=bob", await PeopleAsync());
        Assert.Contains("is no time", (await QuarantineAsync())[0].Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("TIMESTAMP '2026-01-01' + INTERVAL (n) MINUTE")]
    [InlineData("DATE '2026-01-01' + n::INTEGER")]
    [InlineData("n - 5")]
    [InlineData("n::BIGINT * 1000000000000")]
    [InlineData("(n - 5)::TINYINT")]
    [InlineData("(n - 5)::SMALLINT")]
    [InlineData("n::UTINYINT")]
    [InlineData("n::USMALLINT")]
    [InlineData("n::UINTEGER")]
    public async Task A_feed_is_upserted_by_its_order_column_whatever_comes_first(string order)
    {
        string Select(string rows) => $"SELECT id, name, {order} AS updated FROM (VALUES {rows}) t(id, name, n)";
        await Lake.PutAsync(Lake.Uri.Key("processed/people/part-2.parquet"), Select("(1, 'newest', 9), (1, 'old', 3), (2, 'bob', 2)"));
        await MergeAsync(Fed("updated"));
        await Lake.PutAsync(Lake.Uri.Key("processed/people/sub/part-1.parquet"), Select("(1, 'older', 8), (2, 'bob 2', 4), (3, 'cyd', 1)"));

        Assert.Equal(new RowCounts { Read = 3, Inserted = 1, Updated = 1, Stale = 1 }, await MergeAsync(Fed("updated")));
        Assert.Equal("1=newest 2=bob 2 3=cyd", await PeopleAsync());
        Assert.Equal(0, (await MergeAsync(Fed("updated"))).Read);
    }

    [Fact]
    public async Task Rows_of_a_feed_with_one_order_value_are_ordered_by_their_place_in_the_file()
    {
        await Lake.PutAsync(
            Lake.Uri.Key("processed/people/part.parquet"),
            "SELECT 1 AS id, 'n' || range AS name, 7 AS updated FROM range(100)");
        await MergeAsync(Fed("updated"));

        Assert.Equal("1=n99", await PeopleAsync());
    }

    [Fact]
    public async Task Without_an_order_column_the_time_in_the_name_decides_and_then_the_row()
    {
        await Lake.PutAsync(
            Lake.Uri.Key("processed/people/20260102-030405.parquet"),
            "SELECT * FROM (VALUES (1, 'a'), (1, 'b')) t(id, name)");
        await MergeAsync(Fed(null));
        await Lake.PutAsync(Lake.Uri.Key("processed/people/20260101-030405.parquet"), "SELECT 1 AS id, 'earlier' AS name");
        await MergeAsync(Fed(null));
        Assert.Equal("1=b", await PeopleAsync());

        // Without a time in its name, when it was written.
        await Lake.PutAsync(Lake.Uri.Key("processed/people/part.parquet"), "SELECT 1 AS id, 'now' AS name");
        await MergeAsync(Fed(null));
        Assert.Equal("1=now", await PeopleAsync());
    }

    [Fact]
    public async Task Without_an_order_column_the_newest_of_many_files_and_its_last_row_win()
    {
        foreach (var days in (int[][])[[8], [5, 1, 9, 3], [2, 7, 4, 6]])
        {
            foreach (var day in days)
                await Lake.PutAsync(
                    Lake.Uri.Key($"processed/people/2026010{day}-030405.parquet"),
                    $"SELECT 1 AS id, '{day} ' || range AS name FROM range(100)");
            await MergeAsync(Fed(null));
        }

        Assert.Equal("1=9 99", await PeopleAsync());
    }

    [Fact]
    public async Task A_feed_row_without_an_order_value_is_put_aside_and_a_text_orders_nothing()
    {
        await Lake.PutAsync(
            Lake.Uri.Key("processed/people/part.parquet"),
            "SELECT * FROM (VALUES (1, 'a', 1), (2, 'b', NULL)) t(id, name, updated)");
        Assert.Equal(new RowCounts { Read = 2, Inserted = 1, Quarantined = 1 }, await MergeAsync(Fed("updated")));

        await AssertRefusedAsync(Fed("name") with { Target = "analytics.other" }, ErrorKind.BadDefinition, "cannot be ordered by");
    }

    private static string Today { get; } = DateTime.UtcNow.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    private Task PutRowsAsync(int minute, params string[] rows) =>
        PutAsync(minute, $"SELECT * FROM (VALUES {string.Join(", ", rows)}) t(op, committed, id, name)");

    private Task PutAsync(int minute, string select)
    {
        var made = DateTime.UtcNow.Date.AddHours(4).AddMinutes(minute);
        return Lake.PutAsync(
            Lake.CdcKey(ByTime, made, made),
            $"SELECT op AS \"Op\", committed AS cdc_timestamp, id, name FROM ({select})");
    }
}
