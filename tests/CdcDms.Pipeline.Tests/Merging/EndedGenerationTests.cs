namespace CdcDms.Pipeline.Tests.Merging;

/// <summary>What a complete generation ends besides the rows of older ones.</summary>
public sealed class EndedGenerationTests(TestServers servers) : MergeFixture(servers)
{
    private static readonly TableDefinition Bare = People with { Columns = null, Key = null };

    [Fact]
    public async Task What_waits_or_is_remembered_of_older_generations_ends_and_its_own_stays()
    {
        await TargetAsync("id integer PRIMARY KEY, name varchar(5)");
        await ChangesAsync(Bare, "('I', 1, 1, 'ada')", "('I', 2, 2, 'bob')", "('D', 3, 2, NULL)", "('I', 4, 3, 'too long')");
        await RejectedAsync(1);
        await MergeAsync(Bare);
        Assert.Equal("1 tombstones, 1 refused, 1 rejected", await LeftAsync());

        await RejectedAsync(2);
        await Lake.ManifestAsync(Bare, await Lake.LoadAsync(Bare, 1, "SELECT 1 AS id, 'eve' AS name"));
        await ChangesAsync(Bare, "('I', 1, 4, 'dan')", "('D', 2, 4, NULL)", "('I', 3, 5, 'too long')");
        await MergeAsync(Bare);

        Assert.Equal("1=eve", await PeopleAsync());
        Assert.Equal("1 tombstones, 1 refused, 1 rejected", await LeftAsync());
        Assert.Contains("/g002/", Assert.Single((await StatusAsync()).RejectedFiles).Key, StringComparison.Ordinal);
        await AssertAnswerAsync("5 2", "SELECT concat_ws(' ', q.key ->> 'id', left(lpad(q.version::text, 38, '0'), 3)::int) "
            + "FROM cdc.quarantine q WHERE q.closed_at IS NULL");
    }

    private Task RejectedAsync(int generation)
    {
        Lake.Generation = generation;
        return Lake.PutBytesAsync(Lake.CdcKey(Bare, DateTime.UtcNow, DateTime.UtcNow), "no Parquet"u8.ToArray());
    }

    private async Task<string?> LeftAsync() => await Analytics.ScalarAsync<string>(
        """
        SELECT concat((SELECT count(*) FROM cdc.tombstones_1), ' tombstones, ',
            (SELECT count(*) FROM cdc.quarantine WHERE closed_at IS NULL), ' refused, ',
            (SELECT count(*) FROM cdc.rejected_files), ' rejected')
        """);
}
