namespace CdcDms.Pipeline.Tests.Proofs;

/// <summary>What a proof of a whole table means for the rows, the files and the quarantine of older generations.</summary>
public sealed class OlderGenerationProofTests(TestServers servers) : UnprovenFixture(servers)
{
    private static readonly TableDefinition Keeping = People with { LobUpdates = LobUpdates.KeepOnNull };

    [Theory]
    [InlineData(DeleteMode.Hard)]
    [InlineData(DeleteMode.Soft)]
    public async Task A_proven_row_of_an_older_generation_keeps_the_value_that_an_update_leaves_open(DeleteMode deletes)
    {
        var table = Keeping with { Deletes = deletes };
        await LoadedAsync(table);
        await GenerationBeginsAsync(2);
        await MergeAsync(table);
        await AskAllAsync(table);
        Assert.Equal("", await CausesAsync());

        await ChangesAsync(table, "('U', 50, 1, NULL::VARCHAR)");
        await MergeAsync(table);

        Assert.Equal("1=ada 2=bob", await PeopleAsync());
    }

    [Fact]
    public async Task While_a_refused_change_of_an_older_generation_waits_a_table_stays_unproven()
    {
        await TargetAsync("id integer PRIMARY KEY, name text CONSTRAINT good CHECK (name <> 'bad')");
        await LoadedAsync(People);
        await ChangesAsync(People, "('I', 5, 3, 'bad')");
        await MergeAsync(People);
        await GenerationBeginsAsync(2);
        await MergeAsync(People);
        await AskAllAsync(People);

        Lake.Generation = 1;
        await ChangesAsync(People, "('I', 90, 4, 'deleted before generation 2')");
        await MergeAsync(People);
        Assert.Equal("1=ada 2=bob 4=deleted before generation 2", await PeopleAsync());
        Assert.NotEqual("", await CausesAsync());

        await Analytics.ExecuteAsync("ALTER TABLE analytics.people DROP CONSTRAINT good");
        await RetryAsync(People);
        Assert.Equal("1=ada 2=bob 3=bad 4=deleted before generation 2", await PeopleAsync());
        Assert.NotEqual("", await CausesAsync());
        await AskAllAsync(People);
        await JudgedAsync(People);
        Assert.Equal(("1=ada 2=bob", ""), (await PeopleAsync(), await CausesAsync()));
    }

    [Fact]
    public async Task A_generation_that_began_after_the_comparison_does_not_outdate_the_one_before_it()
    {
        await LoadedAsync(People);
        await Analytics.ExecuteAsync("INSERT INTO analytics.people VALUES (3, 'wrong', 0)");
        await AskAllAsync(People);
        await GenerationBeginsAsync(2);
        await JudgedAsync(People);
        Assert.Equal("GenerationBegan 1, GenerationBegan 2, Loaded 1", await CausesAsync());

        Lake.Generation = 1;
        await ChangesAsync(People, "('U', 90, 1, 'changed after the comparison')");
        await MergeAsync(People);

        Assert.Equal("1=changed after the comparison 2=bob", await PeopleAsync());
    }

    [Fact]
    public async Task Files_of_a_generation_before_the_proven_one_are_not_even_looked_at()
    {
        await LoadedAsync(People);
        await GenerationBeginsAsync(2);
        await Lake.LoadAsync(People, 1, "SELECT * FROM (VALUES (1, 'ada'), (2, 'bob')) t(id, name)");
        await MergeAsync(People);
        await AskAllAsync(People);
        Assert.Equal("", await CausesAsync());

        Lake.Generation = 1;
        await ChangesAsync(People, "('U', 90, 1, 'old')");

        Assert.Equal(0, (await MergeAsync(People)).Read);
    }

    [Fact]
    public async Task A_generation_without_a_load_makes_a_table_unproven_with_its_first_batch()
    {
        await LoadedAsync(People);
        await AskAllAsync(People);
        Lake.Generation = 2;
        await ChangesAsync(People, "('U', 5, 1, 'ada')");
        await ChangesAsync(People, "('U', 6, 1, 'ada')");

        Assert.True((await Job.RunAsync(People, batchBytes: 1, CancellationToken.None)).More);

        Assert.Equal("GenerationBegan 2", await CausesAsync());
    }

    [Fact]
    public async Task A_generation_begins_with_a_load_that_has_no_rows()
    {
        await ProvenAsync(People);
        Lake.Generation = 2;
        await Lake.LoadAsync(People, 1, "SELECT 1 AS id, '' AS name WHERE false");

        await MergeAsync(People);

        Assert.Equal("GenerationBegan 2, Loaded 2", await CausesAsync());
    }

    [Fact]
    public async Task A_table_stays_unproven_while_a_file_of_its_newest_generation_is_rejected_and_older_ones_are_forgotten()
    {
        await LoadedAsync(People);
        var key = await ChangesAsync(People, "('I', 5, 3, 'gone')");
        await Lake.PutBytesAsync(key, "no Parquet"u8.ToArray());
        await MergeAsync(People);
        await AskAllAsync(People);
        Assert.Equal("GenerationBegan 1, Loaded 1", await CausesAsync());

        await GenerationBeginsAsync(2);
        await MergeAsync(People);
        await AskAllAsync(People);

        Assert.Equal("", await CausesAsync());
        Assert.Empty((await StatusAsync()).RejectedFiles);
    }

    [Fact]
    public async Task Rows_of_an_outdated_generation_that_are_still_to_be_removed_are_the_only_ones_that_are()
    {
        Lake.Generation = 2;
        await LoadedAsync(People);
        await Analytics.ExecuteAsync("UPDATE cdc.tables SET floor = 2e35, has_older_rows = true WHERE target_name = 'people'");
        await Lake.CdcAsync(MarkerTable.Definition, Marker);
        await GenerationBeginsAsync(3);
        await AskAllAsync(People);

        await MergeAsync(People);

        Assert.Equal("1=ada 2=bob", await PeopleAsync());
    }

    [Fact]
    public async Task A_row_with_a_refused_change_whose_columns_are_older_is_not_called_right()
    {
        await TargetAsync("id integer PRIMARY KEY, name text, other text CONSTRAINT good CHECK (other <> 'bad')");
        await Source.ExecuteAsync("ALTER TABLE people ADD other text");
        var table = Keeping with { Columns = null };
        await Lake.LoadAsync(table, 1, "SELECT * FROM (VALUES (1, 'ada', 'a'), (2, 'bob', 'b')) t(id, name, other)");
        await MergeAsync(table);
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'ADA', 'bad'), (2, 'bob', 'b')");
        await Lake.CdcAsync(table, "SELECT 'U' AS op, 5 AS v, 1 AS id, NULL::VARCHAR AS name, 'bad' AS other");
        await MergeAsync(table);
        Assert.Single(await QuarantineAsync());

        await AskAllAsync(table);
        await JudgedAsync(table);
        await Analytics.ExecuteAsync("ALTER TABLE analytics.people DROP CONSTRAINT good");
        await RetryAsync(table);

        Assert.Equal("1=ada 2=bob", await PeopleAsync());
        Assert.Equal("ChangeRetried, GenerationBegan 1, Loaded 1", await CausesAsync());
    }

    [Fact]
    public async Task A_late_change_stays_when_a_refused_one_keeps_its_key_from_being_judged()
    {
        await TargetAsync("id integer PRIMARY KEY, name text, other text CONSTRAINT good CHECK (other <> 'bad')");
        await Source.ExecuteAsync("ALTER TABLE people ADD other text; INSERT INTO people VALUES (1, 'ada', 'bad'), (9, 'zed', 'z')");
        var table = Keeping with { Columns = null };
        await Lake.CdcAsync(table, "SELECT 'I' AS op, 60 AS v, 9 AS id, 'zed' AS name, 'z' AS other");
        await MergeAsync(table);
        await Analytics.ExecuteAsync("UPDATE cdc.tables SET purge_floor = 1e35 + 50 WHERE target_name = 'people'");
        await Lake.CdcAsync(table, "SELECT 'I' AS op, 20 AS v, 1 AS id, 'ada' AS name, 'a' AS other");
        await MergeAsync(table);
        await Lake.CdcAsync(table, "SELECT 'U' AS op, 70 AS v, 1 AS id, NULL::VARCHAR AS name, 'bad' AS other");
        await MergeAsync(table);
        Assert.Equal(2, (await QuarantineAsync()).Count);

        Assert.Equal("Proven 0 1 0", await RepairedAsync(table, ["1"]));

        Assert.Equal(2, (await QuarantineAsync()).Count);
    }
}
