namespace CdcDms.Pipeline.Tests.Merging;

/// <summary>What a complete generation ends besides the rows of older ones.</summary>
public sealed class EndedGenerationTests(TestServers servers) : MergeFixture(servers)
{
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

    [Fact]
    public async Task Rows_of_older_generations_whose_removal_failed_between_two_parts_are_removed_by_the_next_merge()
    {
        var soft = People with { Deletes = DeleteMode.Soft };
        await Lake.LoadAsync(soft, 1, "SELECT range::INTEGER AS id, 'old' AS name FROM range(150000)");
        await MergeAsync(soft);
        // A part has 100,000 rows; the load of the newer generation has one.
        await Analytics.ExecuteAsync(
            """
            CREATE SEQUENCE written;
            CREATE FUNCTION may_be_written(integer) RETURNS boolean LANGUAGE sql AS $$ SELECT nextval('public.written') < 101000 $$;
            ALTER TABLE analytics.people ADD CONSTRAINT fails CHECK (public.may_be_written(id)) NOT VALID;
            """);
        Lake.Generation = 2;
        await Lake.ManifestAsync(soft, await Lake.LoadAsync(soft, 1, "SELECT 5 AS id, 'new' AS name"));
        Assert.Contains("fails", (await FaultAsync(soft)).Message, StringComparison.Ordinal);
        const string living = "SELECT count(*) FROM analytics.people WHERE NOT _cdc_deleted";
        await AssertAnswerAsync(50_000L, living);

        await Analytics.ExecuteAsync("ALTER TABLE analytics.people DROP CONSTRAINT fails");
        await MergeAsync(soft);

        await AssertAnswerAsync(1L, living);
    }

    [Fact]
    public async Task A_complete_generation_that_leaves_no_row_over_removes_nothing_and_records_no_removal()
    {
        await Lake.LoadAsync(People, 1, "SELECT 1 AS id, 'ada' AS name");
        await MergeAsync(People);
        Lake.Generation = 2;
        await Lake.ManifestAsync(People, await Lake.LoadAsync(People, 1, "SELECT 1 AS id, 'eve' AS name"));

        await MergeAsync(People);

        Assert.Equal("1=eve", await PeopleAsync());
        await AssertAnswerAsync("1 0, 1 0", "SELECT string_agg(files || ' ' || removed, ', ') FROM cdc.batches");
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
