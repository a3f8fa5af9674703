namespace CdcDms.Pipeline.Tests.Targets;

/// <summary>A target that was dropped, and that somebody has created again as the sentence about it says.</summary>
public sealed class RecreatedTargetTests(TestServers servers) : MergeFixture(servers)
{
    [Fact]
    public async Task A_target_that_was_dropped_and_created_by_hand_is_filled_from_the_whole_lake()
    {
        var table = People with { Columns = null, Key = null };
        await TargetAsync("id integer PRIMARY KEY, name text");
        await Lake.LoadAsync(table, 1, "SELECT 1 AS id, 'ada' AS name");
        await Lake.ChangeAsync(table, 'I', 2, 2, "bob");
        await Lake.ChangeAsync(table, 'D', 3, 3, null);
        await MergeAsync(table);
        await Analytics.ExecuteAsync("DROP TABLE analytics.people");
        await AssertRefusedAsync(table, ErrorKind.BadDefinition, "or create the table");
        await Analytics.ExecuteAsync("CREATE TABLE analytics.people (id integer PRIMARY KEY, name text)");

        var rows = await Task.WhenAll(MergeAsync(table), MergeAsync(table));

        Assert.Equal("1=ada 2=bob", await PeopleAsync());
        Assert.Equal(3, rows.Sum(counts => counts.Read));
    }
}
