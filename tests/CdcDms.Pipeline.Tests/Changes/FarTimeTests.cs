namespace CdcDms.Pipeline.Tests.Changes;

/// <summary>A time that is far away, or no time, is one bad value, and stops no other row.</summary>
public sealed class FarTimeTests(TestServers servers) : MergeFixture(servers)
{
    [Theory]
    [InlineData("infinity", ChangeOrdering.ChangeSequence)]
    [InlineData("-infinity", ChangeOrdering.ChangeSequence)]
    [InlineData("12000-01-01 00:00:00", ChangeOrdering.ChangeSequence)]
    [InlineData("0044-03-15 (BC) 00:00:00", ChangeOrdering.ChangeSequence)]
    [InlineData("infinity", ChangeOrdering.Timestamp)]
    [InlineData("-infinity", ChangeOrdering.Timestamp)]
    [InlineData("12000-01-01 00:00:00", ChangeOrdering.Timestamp)]
    [InlineData("0044-03-15 (BC) 00:00:00", ChangeOrdering.Timestamp)]
    public async Task A_commit_time_of_no_year_of_ours_stops_nothing(string time, ChangeOrdering ordering)
    {
        var made = DateTime.UtcNow.Date.AddHours(4);
        await Lake.PutAsync(
            Lake.CdcKey(People, made, made),
            "SELECT 'I' AS \"Op\", t AS cdc_timestamp, id, 'n' AS name, lpad('7', 35, '0') AS cdc_change_seq "
            + $"FROM (VALUES (1, '{time}'), (2, '2026-01-01 00:00:00')) t(id, t)");

        await MergeAsync(People with { Ordering = ordering });

        Assert.Equal(ordering is ChangeOrdering.Timestamp ? "2=n" : "1=n 2=n", await PeopleAsync());
    }

    [Theory]
    [InlineData("TIMESTAMP 'infinity'")]
    [InlineData("DATE '-infinity'")]
    [InlineData("DATE '5000000-01-01'")]
    public async Task A_row_of_a_feed_that_cannot_be_ordered_is_put_aside_with_a_true_sentence(string value)
    {
        var fed = People with { Feed = new TableFeed { Prefix = "processed/people/", OrderBy = "updated" } };
        await Lake.PutAsync(
            Lake.Uri.Key("processed/people/part.parquet"),
            $"SELECT 1 AS id, 'a' AS name, {value} AS updated UNION ALL "
            + $"SELECT 2, 'b', {value[..value.IndexOf(' ', StringComparison.Ordinal)]} '2026-01-01'");

        await MergeAsync(fed);

        Assert.Equal("2=b", await PeopleAsync());
        Assert.Contains("infinite or out of range", Assert.Single(await QuarantineAsync()).Error, StringComparison.Ordinal);
    }
}
