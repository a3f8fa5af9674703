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

    [Fact]
    public async Task A_target_that_was_dropped_forgets_the_columns_that_its_files_had()
    {
        const string Added = "SELECT max(subject) FROM cdc.unproven WHERE cause = 'ColumnAdded'";
        var table = People with { NewColumns = NewColumnPolicy.Add };
        await Lake.ChangeAsync(table, 'I', 1, 1, "ada");
        await MergeAsync(table);
        await Lake.CdcAsync(table, "SELECT 'I' AS op, 2 AS v, 2 AS id, 'bob' AS name, 7 AS extra");
        await MergeAsync(table);
        await AssertAnswerAsync("extra", Added);
        await Analytics.ExecuteAsync("DROP TABLE analytics.people");

        await Job.RunAsync(table, 1, CancellationToken.None);

        // The first file lacks nothing that a file before it had, so no register is needed, and no column was added to rows that are there.
        Assert.Equal("1=ada", await PeopleAsync());
        await AssertAnswerAsync<string?>(null, Added);
        await AssertAnswerAsync<long>(
            0,
            "SELECT count(*) FROM pg_attribute WHERE attrelid = 'analytics.people'::regclass AND attname IN ('extra', '_cdc_registers')");
    }
}
