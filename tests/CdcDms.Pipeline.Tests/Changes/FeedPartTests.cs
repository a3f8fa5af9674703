using CdcDms.Pipeline.Merging;

namespace CdcDms.Pipeline.Tests.Changes;

/// <summary>A file of a feed gives the same rows whole and in parts.</summary>
public sealed class FeedPartTests(TestServers servers) : MergeFixture(servers)
{
    [Theory]
    [InlineData("updated", 1, false)]
    [InlineData("updated", 2, false)]
    [InlineData("updated", 2, true)]
    [InlineData("updated", 100, true)]
    [InlineData(null, 1, false)]
    public async Task The_later_of_two_rows_with_one_order_value_wins_also_in_parts(string? orderBy, long rows, bool hasRegisters)
    {
        var fed = People with { Feed = new TableFeed { Prefix = "processed/people/", OrderBy = orderBy } };
        if (hasRegisters)
        {
            await TargetAsync("id integer PRIMARY KEY, name text, extra integer, updated integer");
            fed = fed with { Columns = null, Key = null };
            await PutAsync(fed, "first", "SELECT 9 AS id, 'x' AS name, 1 AS extra, 1 AS updated");
            await MergeAsync(fed);
        }

        await PutAsync(fed, "part", "SELECT 1 AS id, 'n' || range AS name, 7 AS updated FROM range(5)");
        MergeOutput output;
        do
        {
            output = await Job.RunAsync(fed, BatchLimits.Default with { Rows = rows }, CancellationToken.None);
            Assert.True(output.Rows.Balance(), output.Rows.ToString());
        }
        while (output.More);

        await AssertAnswerAsync<string>("n4", "SELECT name FROM analytics.people WHERE id = 1");
    }

    [Theory]
    [InlineData("part", 100)]
    [InlineData("20260102-030405", 100)]
    [InlineData("20260102-030405", 1)]
    public async Task A_file_that_is_written_anew_with_the_same_order_values_counts_as_it_is_now(string name, long rows)
    {
        var fed = People with { Feed = new TableFeed { Prefix = "processed/people/", OrderBy = "updated" } };
        await PutAsync(fed, name, "SELECT * FROM (VALUES (1, 'ada', 7), (1, 'ada 2', 7), (2, 'bob', 7)) t(id, name, updated)");
        await MergeAsync(fed);
        await PutAsync(fed, name, "SELECT * FROM (VALUES (1, 'ada', 7), (1, 'ada 3', 7), (2, 'bob', 7)) t(id, name, updated)");

        while ((await Job.RunAsync(fed, BatchLimits.Default with { Rows = rows }, CancellationToken.None)).More)
        {
        }

        Assert.Equal("1=ada 3 2=bob", await PeopleAsync());
    }

    private Task<string> PutAsync(TableDefinition table, string name, string select) =>
        Lake.PutAsync(Lake.Uri.Key($"{table.Feed!.Prefix}{name}.parquet"), select);
}
