using CdcDms.Pipeline.Merging;
using CdcDms.Pipeline.Quarantine;

namespace CdcDms.Pipeline.Tests.Quarantine;

/// <summary>
/// A refused change whose version an accepted one has, too, as rows of a feed with one order value have: it is kept as long as it is the
/// later one.
/// </summary>
public sealed class TiedChangeTests(TestServers servers) : MergeFixture(servers)
{
    [Theory]
    [InlineData("good long", 100, "good", 1)]
    [InlineData("good long", 1, "good", 1)]
    [InlineData("long good", 100, "good", 0)]
    [InlineData("long good", 1, "good", 0)]
    [InlineData("good long longer", 100, "good", 2)]
    [InlineData("good long longer", 1, "good", 2)]
    [InlineData("long fine longer longest", 100, "fine", 2)]
    [InlineData("long fine longer longest", 1, "fine", 2)]
    [InlineData("long longer fine longest good", 2, "good", 0)]
    public async Task A_refused_row_of_a_feed_is_kept_until_a_later_row_of_its_order_value_is_merged(
        string names, long rowsOfPart, string merged, int open)
    {
        foreach (var hasRegisters in new[] { false, true })
        {
            var (source, last) = ($"feed_{hasRegisters}", names.Split(' ')[^1]);
            var fed = Bare with
            {
                Name = source,
                Target = $"public.{source}",
                Feed = new TableFeed { Prefix = $"{source}/", OrderBy = "updated" },
            };
            await Analytics.ExecuteAsync(
                $"CREATE TABLE public.\"{source}\" "
                + "(id integer PRIMARY KEY, name text CHECK (name !~ 'long'), extra integer, updated integer)");
            if (hasRegisters)
            {
                await PutAsync(fed, "first", "SELECT 9 AS id, 'x' AS name, 1 AS extra, 1 AS updated");
                await MergeAsync(fed);
            }

            var rows = names.Split(' ').Select((name, place) => $"({place}, '{name}')");
            await PutAsync(
                fed, "part", $"SELECT 1 AS id, name, 7 AS updated FROM (VALUES {string.Join(", ", rows)}) t(place, name) ORDER BY place");
            await MergePartsAsync(fed, rowsOfPart);

            await AssertAnswerAsync(merged, $"SELECT name FROM public.\"{source}\" WHERE id = 1");
            await AssertAnswerAsync(
                (long)open,
                "SELECT count(*) FROM cdc.quarantine JOIN cdc.tables b ON b.id = table_id "
                + $"WHERE closed_at IS NULL AND target_name = '{source}'");

            await Analytics.ExecuteAsync($"ALTER TABLE public.\"{source}\" DROP CONSTRAINT \"{source}_name_check\"");
            Assert.Equal(new RetryResult(Closed: open, Open: 0), await RetryAsync(fed));
            await AssertAnswerAsync(last, $"SELECT name FROM public.\"{source}\" WHERE id = 1");
        }
    }

    [Fact]
    public async Task Of_refused_rows_with_one_order_value_an_older_one_is_closed_when_a_later_one_is_tried_again()
    {
        var fed = Bare with { Feed = new TableFeed { Prefix = "feed/", OrderBy = "updated" } };
        await TargetAsync("id integer PRIMARY KEY, name varchar(5), updated integer");
        await PutAsync(fed, "part", "SELECT 1 AS id, 'too long ' || range AS name, 7 AS updated FROM range(3)");
        await MergeAsync(fed);
        await Analytics.ExecuteAsync("ALTER TABLE analytics.people ALTER name TYPE text");
        var open = await QuarantineAsync();
        await AssertAnswerAsync(
            "too long 0, too long 1, too long 2", "SELECT string_agg(change ->> 'name', ', ' ORDER BY id) FROM cdc.quarantine");

        await new QuarantineJob(Analytics.ConnectionString).RetryAsync(fed, [open[1].Id], CancellationToken.None);
        Assert.Equal("1=too long 1", await PeopleAsync());
        Assert.Equal(open[2].Id, Assert.Single(await QuarantineAsync()).Id);
        await RetryAsync(fed);
        Assert.Equal("1=too long 2", await PeopleAsync());
    }

    [Fact]
    public async Task A_refused_change_that_comes_again_and_is_accepted_is_closed_and_one_that_ties_with_another_is_kept()
    {
        await TargetAsync("id integer PRIMARY KEY, name varchar(5)");
        await ChangesAsync(Bare, "('I', 5, 1, 'first')", "('U', 5, 1, 'too long')");
        await MergeAsync(Bare);
        Assert.Equal("1=first", await PeopleAsync());
        Assert.Single(await QuarantineAsync());
        await ChangesAsync(Bare, "('U', 6, 2, 'longer')");
        await MergeAsync(Bare);
        await Analytics.ExecuteAsync("ALTER TABLE analytics.people ALTER name TYPE text");
        await ChangesAsync(Bare, "('U', 6, 2, 'longer')");

        await MergeAsync(Bare);

        Assert.Equal(TestLake.Version(5), Assert.Single(await QuarantineAsync()).Version);
        Assert.Equal("1=first 2=longer", await PeopleAsync());
        await RetryAsync(Bare);
        Assert.Equal("1=too long 2=longer", await PeopleAsync());
    }

    [Fact]
    public async Task A_batch_that_began_before_another_one_put_a_change_aside_does_not_count_that_as_its_own()
    {
        await TargetAsync("id integer PRIMARY KEY, name varchar(5)");
        await Lake.ChangeAsync(Bare, 'I', 1, 1, "ada");
        await MergeAsync(Bare);
        await Lake.ChangeAsync(Bare, 'U', 5, 1, "too long");
        await MergeAsync(Bare);
        await Lake.ChangeAsync(Bare, 'U', 6, 1, "bob");
        // As the change looks that another batch puts aside while this one waits for its lock.
        await Analytics.ExecuteAsync("UPDATE cdc.quarantine SET quarantined_at = clock_timestamp() + interval '1 hour'");

        Assert.Equal(new RowCounts { Read = 1, Updated = 1 }, await MergeAsync(Bare));
        Assert.Empty(await QuarantineAsync());
    }

    private async Task MergePartsAsync(TableDefinition table, long rowsOfPart)
    {
        MergeOutput output;
        do
        {
            output = await Job.RunAsync(table, BatchLimits.Default with { Rows = rowsOfPart }, CancellationToken.None);
            Assert.True(output.Rows.Balance(), output.Rows.ToString());
        }
        while (output.More);
    }

    private Task<string> PutAsync(TableDefinition table, string name, string select) =>
        Lake.PutAsync(Lake.Uri.Key($"{table.Feed!.Prefix}{name}.parquet"), select);
}
