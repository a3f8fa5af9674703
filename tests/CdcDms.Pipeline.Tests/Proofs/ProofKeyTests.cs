namespace CdcDms.Pipeline.Tests.Proofs;

/// <summary>By which keys rows are proven, and by which they cannot be.</summary>
public sealed class ProofKeyTests(TestServers servers) : ProofFixture(servers)
{
    [Theory]
    [InlineData("text", "citext", "Abc")]
    [InlineData("text", "uuid", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11")]
    [InlineData("text", "integer", "007")]
    [InlineData("numeric", "integer", "7")]
    [InlineData("numeric", "numeric(10,1)", "7")]
    [InlineData("timestamp", "timestamp(0)", "2026-01-02 03:04:05")]
    [InlineData("bigint", "integer", "7")]
    [InlineData("numeric(10,1)", "numeric", "7.3")]
    [InlineData("timestamp(0)", "timestamp", "2026-01-02 03:04:05")]
    public async Task A_key_of_which_two_of_the_source_may_be_one_of_the_target_is_refused(string from, string to, string key)
    {
        await Analytics.ExecuteAsync(
            $"CREATE EXTENSION citext; CREATE SCHEMA analytics; CREATE TABLE analytics.words (id {to} PRIMARY KEY, name text)");
        await Source.ExecuteAsync($"CREATE TABLE words (id {from} PRIMARY KEY, name text); INSERT INTO words VALUES ('{key}', 'ada')");
        var table = Table("words", ("id", to), ("name", "text"));
        await Lake.CdcAsync(table, $"SELECT 'I' AS op, 1 AS v, '{key}' AS id, 'ada' AS name");
        await MergeAsync(table);

        await AssertUnprovableAsync(table, "its key column id is ", [key]);
        await AssertAnswerAsync<long>(1, "SELECT count(*) FROM analytics.words");
    }

    [Theory]
    [InlineData("integer", "bigint", "'7'", "7", "07")]
    [InlineData("citext", "citext", "'Abc'", "Abc", "aBC")]
    [InlineData("numeric", "numeric", "CAST('1.50' AS DECIMAL(10,3))", "1.50", "1.5")]
    [InlineData(
        "uuid", "uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",
        "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11")]
    public async Task A_key_is_found_in_every_spelling_and_proven_once(string from, string to, string inFile, string key, string spelled)
    {
        foreach (var database in (TestDatabase[])[Source, Analytics])
            await database.ExecuteAsync("CREATE EXTENSION citext; CREATE SCHEMA IF NOT EXISTS analytics");
        await Analytics.ExecuteAsync($"CREATE TABLE analytics.words (id {to} PRIMARY KEY, name text)");
        await Source.ExecuteAsync($"CREATE TABLE words (id {from} PRIMARY KEY, name text); INSERT INTO words VALUES ('{key}', 'ada')");
        var table = Table("words", ("id", to), ("name", "text"));
        await Lake.CdcAsync(table, $"SELECT 'I' AS op, 1 AS v, {inFile} AS id, 'damaged' AS name");
        await MergeAsync(table);

        Assert.Equal("Different 0 0 1", await RepairedAsync(table, [key], [spelled], [spelled]));
        await AssertAnswerAsync("ada", "SELECT string_agg(name, ' ') FROM analytics.words");
    }

    [Fact]
    public async Task Columns_of_a_key_are_given_in_the_order_of_the_key()
    {
        var table = Table("pairs", ("a", "integer"), ("b", "integer"), ("name", "text")) with { Key = ["b", "a"] };
        await Source.ExecuteAsync(
            "CREATE TABLE pairs (a integer, b integer, name text, PRIMARY KEY (b, a)); INSERT INTO pairs VALUES (1, 2, 'ada')");
        await Lake.CdcAsync(table, "SELECT 'I' AS op, 1 AS v, 9 AS a, 9 AS b, 'zed' AS name");
        await MergeAsync(table);

        await AssertUnprovableAsync(table, "has 1 columns, and that of analytics.pairs has 2: b, a.", ["2"]);
        Assert.Equal("Different 0 0 1", await RepairedAsync(table, ["2", "1"]));
        await AssertAnswerAsync("1 2 ada, 9 9 zed", "SELECT string_agg(concat_ws(' ', a, b, name), ', ' ORDER BY a) FROM analytics.pairs");
    }

    [Fact]
    public async Task A_key_that_is_not_unique_at_the_source_is_refused()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);
        await Source.ExecuteAsync("ALTER TABLE people DROP CONSTRAINT people_pkey; INSERT INTO people VALUES (1, 'ada'), (1, 'bob')");

        await AssertUnprovableAsync(People, "the source has no primary key or unique index on exactly (id)", ["1"]);
    }

    [Fact]
    public async Task Asking_makes_no_target()
    {
        await AssertUnprovableAsync(People, "analytics.people does not exist, because nothing was merged", ["1"]);

        await AssertAnswerAsync<bool>(true, "SELECT to_regclass('analytics.people') IS NULL");
    }

    [Fact]
    public async Task A_parked_table_is_told_before_anything_is_read()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);
        await Analytics.ExecuteAsync("UPDATE cdc.tables SET parked_at = now(), parked_cause = 'For a test.'");

        var fault = await Assert.ThrowsAsync<CdcDmsException>(() => AskAsync(People, repairs: true, 1));

        Assert.Equal(ErrorKind.Parked, fault.Kind);
    }

    [Theory]
    [InlineData("cdc_table")]
    [InlineData("cdc_wanted")]
    [InlineData("cdc_proof")]
    [InlineData("p")]
    [InlineData("s")]
    public async Task Names_of_tables_and_columns_hide_nothing(string name)
    {
        var table = Table(name, ("id", "integer"), ("k0", "text"), ("key", "text"), ("row", "text"), (name, "text"));
        await Source.ExecuteAsync(
            $"CREATE TABLE {name} (id integer PRIMARY KEY, k0 text, key text, row text, {name} text); "
            + $"INSERT INTO {name} VALUES (1, 'a', 'b', 'c', 'd')");
        await Lake.CdcAsync(table, $"SELECT 'I' AS op, 1 AS v, 1 AS id, 'a' AS k0, 'b' AS key, 'c' AS row, 'damaged' AS {name}");
        await MergeAsync(table);

        Assert.Equal("Different 0 0 1", await RepairedAsync(table, ["1"]));
        Assert.Equal($"Changed 1 {name}", await DifferencesAsync());
        await AssertAnswerAsync("d", $"SELECT t.{name} FROM analytics.{name} t");
    }

    [Fact]
    public async Task More_keys_than_one_proof_takes_are_several_proofs()
    {
        await Lake.CdcAsync(People, "SELECT 'I' AS op, range + 1 AS v, range::INTEGER AS id, 'x' AS name FROM range(20001)");
        await MergeAsync(People);
        await Source.ExecuteAsync("INSERT INTO people SELECT g, 'x' FROM generate_series(0, 20000) g");

        var proofs = await Proofs.AskAsync(
            People, [.. Enumerable.Range(0, 20001).Select(id => new[] { $"{id}" })], repair: null, CancellationToken.None);

        Assert.Equal(3, proofs.Count);
        var result = await Proofs.ReadAsync(People, proofs, CancellationToken.None);
        Assert.Equal((null, 20001), (result.Outcome, result.Keys));
    }
}
