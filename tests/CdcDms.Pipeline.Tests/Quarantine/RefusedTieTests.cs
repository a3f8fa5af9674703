namespace CdcDms.Pipeline.Tests.Quarantine;

/// <summary>Rows of a feed with one value of its order column, of which the last is refused.</summary>
public sealed class RefusedTieTests(TestServers servers) : MergeFixture(servers)
{
    [Fact]
    public async Task A_refused_row_of_a_feed_waits_although_an_earlier_one_of_the_same_order_value_is_there()
    {
        var fed = People with { Columns = null, Key = null, Feed = new TableFeed { Prefix = "processed/people/", OrderBy = "updated" } };
        await TargetAsync("id integer PRIMARY KEY, name varchar(5), updated integer");
        await Lake.PutAsync(
            Lake.Uri.Key("processed/people/part.parquet"),
            "SELECT * FROM (VALUES (1, 'ada', 7), (1, 'too long', 7)) t(id, name, updated)");

        await MergeAsync(fed);

        Assert.Equal("1=ada", await PeopleAsync());
        Assert.Single(await QuarantineAsync());
    }
}
