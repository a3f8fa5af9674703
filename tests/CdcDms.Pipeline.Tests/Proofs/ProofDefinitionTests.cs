namespace CdcDms.Pipeline.Tests.Proofs;

/// <summary>Definitions, keys and types under which a row is proven, or is not.</summary>
public sealed class ProofDefinitionTests(TestServers servers) : ProofFixture(servers)
{
    private static readonly TableDefinition Words = Table("words", ("id", "text"), ("name", "text"));

    private async Task SetUpAsync()
    {
        await Source.ExecuteAsync(
            """
            CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
            CREATE TABLE words (id text COLLATE nocase PRIMARY KEY, name text); INSERT INTO words VALUES ('Abc', 'ada')
            """);
        // UPDATE words SET id = 'Abc' WHERE id = 'ABC' comes from DMS as an update of the new key alone.
        await Lake.CdcAsync(Words, "SELECT 'I' AS op, 1 AS v, 'ABC' AS id, 'ada' AS name");
        await Lake.CdcAsync(Words, "SELECT 'U' AS op, 2 AS v, 'Abc' AS id, 'ada' AS name");
        await MergeAsync(Words);
    }

    [Fact]
    public async Task A_table_into_which_nothing_was_merged_cannot_be_proven_yet_which_is_no_failure()
    {
        await Source.ExecuteAsync("CREATE TABLE words (id text PRIMARY KEY, name text)");

        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => RepairedAsync(Words, ["Abc"]));

        Assert.Equal(
            (ErrorKind.Unprovable,
                "No row of public.words can be proven: analytics.words does not exist, because nothing was merged into it yet."),
            (fault.Kind, fault.Message));
    }

    [Fact]
    public async Task The_row_of_another_spelling_is_not_called_proven()
    {
        await SetUpAsync();
        string? outcome = null;
        try
        {
            outcome = await RepairedAsync(Words, ["ABC"]);
        }
        catch (CdcDmsException refused)
        {
            Assert.Contains("can be proven", refused.Message, StringComparison.Ordinal);
            return;
        }

        Assert.Equal("Different 0 0 1", outcome);
    }

    [Fact]
    public async Task Two_spellings_of_one_key_are_one_row_of_the_proof()
    {
        await SetUpAsync();
        await Analytics.ExecuteAsync("UPDATE analytics.words SET name = 'damaged' WHERE id = 'Abc'");
        try
        {
            Assert.StartsWith("Different", await RepairedAsync(Words, ["ABC"], ["Abc"]), StringComparison.Ordinal);
        }
        catch (CdcDmsException refused)
        {
            Assert.Contains("can be proven", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_target_of_another_scale_than_it_had_is_no_difference()
    {
        await Analytics.ExecuteAsync("CREATE SCHEMA analytics; CREATE TABLE analytics.things (id integer PRIMARY KEY, n numeric)");
        await Source.ExecuteAsync("CREATE TABLE things (id integer PRIMARY KEY, n numeric(10,3)); INSERT INTO things VALUES (1, 1.500)");
        var table = new TableDefinition { Schema = "public", Name = "things", Target = "analytics.things" };
        await Lake.CdcAsync(table, "SELECT 'I' AS op, 1 AS v, 1 AS id, CAST('1.500' AS DECIMAL(10,3)) AS n");
        await MergeAsync(table);
        var marker = await AskAsync(table, repairs: false, 1);
        await Analytics.ExecuteAsync("ALTER TABLE analytics.things ALTER n TYPE numeric(10,2)");
        await MarkersAsync(marker, 100, 200);
        await MergeAsync(table);

        Assert.Equal("", await DifferencesAsync());
    }

    [Fact]
    public async Task A_key_of_a_domain_is_proven()
    {
        await Source.ExecuteAsync(
            "CREATE DOMAIN code AS integer CHECK (VALUE > 0); CREATE TABLE things (id code PRIMARY KEY, name text); "
            + "INSERT INTO things VALUES (1, 'ada')");
        var table = Table("things", ("id", "integer"), ("name", "text"));
        await Lake.CdcAsync(table, "SELECT 'I' AS op, 1 AS v, 1 AS id, 'damaged' AS name");
        await MergeAsync(table);

        Assert.Equal("Different 0 0 1", await RepairedAsync(table, ["1"]));
    }

    [Fact]
    public async Task A_key_that_the_source_computes_fails_no_merge()
    {
        await Source.ExecuteAsync(
            "CREATE TABLE things (k integer, id integer GENERATED ALWAYS AS (k) STORED PRIMARY KEY, name text); "
            + "INSERT INTO things (k, name) VALUES (1, 'ada')");
        var table = Table("things", ("id", "integer"), ("k", "integer"), ("name", "text"));
        await Lake.CdcAsync(table, "SELECT 'I' AS op, 1 AS v, 1 AS id, 1 AS k, 'damaged' AS name");
        await MergeAsync(table);
        string? outcome;
        try
        {
            outcome = await RepairedAsync(table, ["1"]);
        }
        catch (CdcDmsException refused)
        {
            outcome = refused.Message;
        }

        Assert.NotNull(outcome);
    }

    [Fact]
    public async Task A_proof_that_was_read_by_another_definition_repairs_nothing()
    {
        await Source.ExecuteAsync("ALTER TABLE people ADD nick text; INSERT INTO people VALUES (1, 'Ada Lovelace', 'ada')");
        var merged = People with
        {
            Columns = [new() { From = "id", To = "id", Type = "integer" }, new() { From = "nick", To = "name", Type = "text" }],
            LeaveOut = ["name"],
        };
        await Lake.CdcAsync(merged, "SELECT 'I' AS op, 1 AS v, 1 AS id, 'Ada Lovelace' AS name, 'ada' AS nick");
        await MergeAsync(merged);
        Assert.Equal("1=ada", await PeopleAsync());

        var marker = await AskAsync(People with { LeaveOut = ["nick"] }, repairs: true, 1);
        await MarkersAsync(marker, 100, 200);
        await MergeAsync(merged);

        Assert.Equal(("1=ada", ""), (await PeopleAsync(), await DifferencesAsync()));
    }
}
