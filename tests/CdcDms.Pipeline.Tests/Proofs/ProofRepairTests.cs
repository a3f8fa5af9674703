using CdcDms.Pipeline.Ledger;

namespace CdcDms.Pipeline.Tests.Proofs;

/// <summary>What is repaired, and what a repair leaves alone.</summary>
public sealed class ProofRepairTests(TestServers servers) : ProofFixture(servers)
{
    [Fact]
    public async Task One_row_that_the_target_refuses_does_not_keep_the_others_from_repair()
    {
        await TargetAsync("id integer PRIMARY KEY, name text CHECK (name <> 'bad')");
        var table = People with { Columns = null, Key = null };
        await ChangesAsync(table, "('I', 1, 9, 'zed')", "('I', 2, 8, 'old')");
        await MergeAsync(table);
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'ada'), (2, 'bad'), (3, 'cyd'), (9, 'zed')");

        Assert.Equal("Different 0 0 3", await RepairedAsync(table, ["1"], ["2"], ["3"], ["4"], ["8"], ["9"]));

        Assert.Equal("1=ada 3=cyd 9=zed", await PeopleAsync());
        Assert.Contains("The target refuses 1 rows of the source", await CauseAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repair_that_would_remove_too_many_rows_removes_none_and_says_so()
    {
        await Lake.CdcAsync(People, "SELECT 'I' AS op, 1 AS v, range::INTEGER AS id, 'x' AS name FROM range(102)");
        await MergeAsync(People);
        await Source.ExecuteAsync("INSERT INTO people VALUES (101, 'ada')");

        Assert.Equal("Different 0 0 1", await RepairedAsync(People, [.. Enumerable.Range(0, 102).Select(id => new[] { $"{id}" })]));

        await AssertAnswerAsync<long>(102, "SELECT count(*) FROM analytics.people");
        await AssertAnswerAsync("ada", "SELECT name FROM analytics.people WHERE id = 101");
        Assert.Contains(
            "101 rows are not at the source any more, and this repair may remove 100", await CauseAsync(), StringComparison.Ordinal);

        await Proofs.AskDifferencesAsync(People, new ProofRepair(MostRemoved: 101), CancellationToken.None);
        await MarkersAsync(3, 300, 400);
        await MergeAsync(People);
        Assert.Equal("101=ada", await PeopleAsync());
    }

    [Fact]
    public async Task A_dry_run_writes_nothing()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);
        var before = await Analytics.ScalarAsync<long>("SELECT count(*) FROM cdc.batches");

        var marker = await AskAsync(People, repairs: false, 1, 9);
        await MarkersAsync(marker, 100, 200);
        await MergeAsync(People);
        await ChangesAsync(People, "('I', 50, 9, 'late')");
        await MergeAsync(People);

        Assert.Equal("Different 0 0 0", await OutcomeAsync(marker));
        Assert.Equal("1=ada 9=late", await PeopleAsync());
        // The markers' own batch, and that of the late change.
        await AssertAnswerAsync(before + 2, "SELECT count(*) FROM cdc.batches");
    }

    [Theory]
    [InlineData(DeleteMode.Hard)]
    [InlineData(DeleteMode.Soft)]
    public async Task Partitioned_targets_are_repaired(DeleteMode deletes)
    {
        await Analytics.ExecuteAsync(
            """
            CREATE SCHEMA analytics; CREATE TABLE analytics.people (id integer PRIMARY KEY, name text) PARTITION BY RANGE (id);
            CREATE TABLE analytics.p1 PARTITION OF analytics.people FOR VALUES FROM (0) TO (3);
            CREATE TABLE analytics.p2 PARTITION OF analytics.people FOR VALUES FROM (3) TO (100)
            """);
        var table = People with { Deletes = deletes };
        await ChangesAsync(table, "('I', 1, 1, 'ada')", "('I', 2, 2, 'bob')", "('I', 3, 3, 'cyd')", "('I', 4, 4, 'dan')");
        await MergeAsync(table);
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'ada'), (3, 'CYD'), (5, 'eve'), (1000, 'far')");

        Assert.Equal("Different 0 0 4", await RepairedAsync(table, ["1"], ["2"], ["3"], ["4"], ["5"], ["6"], ["1000"]));

        await AssertAnswerAsync(
            "1=ada 3=CYD 5=eve",
            "SELECT string_agg(id || '=' || name, ' ' ORDER BY id) FROM analytics.people"
            + (deletes is DeleteMode.Soft ? " WHERE NOT _cdc_deleted" : ""));
    }

    [Theory]
    [InlineData("SELECT 'I' AS op, 50 AS v, 1 AS id, 1 AS n, 'late' AS body", "1 3 ")]
    [InlineData("SELECT 'U' AS op, 250 AS v, 1 AS id, 4 AS n, NULL::VARCHAR AS body", "1 4 ")]
    [InlineData("SELECT 'D' AS op, 90 AS v, 1 AS id, NULL::INTEGER AS n, NULL::VARCHAR AS body", "1 3 ")]
    [InlineData("SELECT 'D' AS op, 150 AS v, 1 AS id, NULL::INTEGER AS n, NULL::VARCHAR AS body", "")]
    public async Task A_NULL_that_a_register_did_not_take_is_repaired_below_later_changes(string later, string expected)
    {
        var table = Table("docs", ("id", "integer"), ("n", "integer"), ("body", "text")) with { LobUpdates = LobUpdates.KeepOnNull };
        await Source.ExecuteAsync("CREATE TABLE docs (id integer PRIMARY KEY, n integer, body text); INSERT INTO docs VALUES (1, 3, NULL)");
        await Lake.CdcAsync(table, "SELECT 'I' AS op, 1 AS v, 1 AS id, 1 AS n, 'old' AS body");
        await Lake.CdcAsync(table, "SELECT 'U' AS op, 2 AS v, 1 AS id, 3 AS n, NULL::VARCHAR AS body");
        await MergeAsync(table);

        Assert.Equal("Different 0 0 1", await RepairedAsync(table, ["1"]));
        Assert.Equal("Changed 1 body", await DifferencesAsync());

        await Lake.CdcAsync(table, later);
        await MergeAsync(table);
        Assert.Equal(expected, await Analytics.ScalarAsync<string?>("SELECT concat(id, ' ', n, ' ', body) FROM analytics.docs") ?? "");
    }

    [Fact]
    public async Task A_column_that_is_on_one_side_only_is_told_before_anything_is_read()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);
        await Source.ExecuteAsync("ALTER TABLE people ADD note text; INSERT INTO people VALUES (1, 'ada', 'lost')");

        await AssertUnprovableAsync(People with { Columns = null }, "note is on one side only", ["1"]);
    }

    [Theory]
    [InlineData("ALTER TABLE analytics.people ADD note text")]
    [InlineData("ALTER TABLE analytics.people ALTER name TYPE varchar")]
    [InlineData("ALTER TABLE analytics.people DROP note; ALTER TABLE analytics.people ADD remark text")]
    public async Task A_target_that_got_other_columns_since_the_read_is_not_repaired(string alteration)
    {
        var table = People with { Columns = null };
        var note = alteration.Contains("DROP", StringComparison.Ordinal) ? ", note text" : "";
        await TargetAsync($"id integer PRIMARY KEY, name text{note}");
        await ChangesAsync(table, "('I', 1, 9, 'zed')");
        await MergeAsync(table);
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'ada')");
        var marker = await AskAsync(table, repairs: true, 1);
        await Analytics.ExecuteAsync(alteration);
        await MarkersAsync(marker, 100, 200);

        await MergeAsync(table);

        Assert.Equal("NotProven 0 0 0", await OutcomeAsync(marker));
        Assert.Contains("columns are not those that it had", await CauseAsync(), StringComparison.Ordinal);
        Assert.Equal("9=zed", await PeopleAsync());
    }

    [Fact]
    public async Task Renamed_columns_are_proven_and_those_left_out_or_computed_are_not()
    {
        await Source.ExecuteAsync(
            "CREATE TABLE things (id integer PRIMARY KEY, a text, secret text, g text GENERATED ALWAYS AS (a || '!') STORED); "
            + "INSERT INTO things VALUES (1, 'x', 's'), (2, 'y', 's')");
        await Analytics.ExecuteAsync(
            "CREATE SCHEMA analytics; CREATE TABLE analytics.things (id integer PRIMARY KEY, \"the a\" text, g text)");
        var table = new TableDefinition
        {
            Schema = "public",
            Name = "things",
            Target = "analytics.things",
            LeaveOut = ["secret"],
            NewColumns = NewColumnPolicy.Add,
            Columns = [new() { From = "id", To = "id" }, new() { From = "a", To = "the a" }],
        };
        await Lake.CdcAsync(table, "SELECT 'I' AS op, 1 AS v, 1 AS id, 'x' AS a, 's' AS secret");
        await MergeAsync(table);

        Assert.Equal("Different 0 0 1", await RepairedAsync(table, ["1"], ["2"]));

        Assert.Equal("Missing 2", await DifferencesAsync());
        await AssertAnswerAsync("1x 2y", "SELECT string_agg(id || \"the a\", ' ' ORDER BY id) FROM analytics.things");
    }

    [Theory]
    [InlineData("numeric", "1.7", "integer", "CAST(1.7 AS DECIMAL(10,1))")]
    [InlineData("timestamp", "2026-01-02 03:04:05", "date", "TIMESTAMP '2026-01-02 03:04:05'")]
    [InlineData("timestamp", "2026-01-02 03:04:05", "timestamptz", "TIMESTAMP '2026-01-02 03:04:05'")]
    [InlineData("real", "0.1", "double precision", "CAST(0.1 AS FLOAT)")]
    [InlineData("json", "{\"a\":  1}", "jsonb", "'{\"a\":  1}'")]
    [InlineData("char(4)", "ab", "text", "'ab  '")]
    [InlineData("char(4)", "ab", "text", "'ab'")]
    public async Task A_cast_that_the_definition_wants_is_no_difference_and_is_repaired_as_it_is_merged(
        string from, string value, string to, string inFile)
    {
        var table = Table("things", ("id", "integer"), ("x", to));
        await Source.ExecuteAsync(
            $"CREATE TABLE things (id integer PRIMARY KEY, x {from}); INSERT INTO things VALUES (1, '{value}'), (2, '{value}')");
        await Lake.CdcAsync(table, $"SELECT 'I' AS op, 1 AS v, 1 AS id, {inFile} AS x");
        await MergeAsync(table);

        Assert.Equal("Different 0 0 1", await RepairedAsync(table, ["1"], ["2"]));

        Assert.Equal("Missing 2", await DifferencesAsync());
        await AssertAnswerAsync<bool>(true, "SELECT count(DISTINCT rtrim(x::text)) = 1 AND count(*) = 2 FROM analytics.things");
    }

    [Fact]
    public async Task A_value_that_the_target_refuses_makes_no_difference_of_other_rows()
    {
        var table = Table("things", ("id", "integer"), ("x", "integer"));
        await Source.ExecuteAsync(
            "CREATE TABLE things (id integer PRIMARY KEY, x numeric(12,2)); INSERT INTO things VALUES (1, 5), (2, 3000000000), (3, 6)");
        await Lake.CdcAsync(table, "SELECT 'I' AS op, 1 AS v, 1 AS id, CAST(5 AS DECIMAL(12,2)) AS x");
        await MergeAsync(table);

        Assert.Equal("Different 0 0 1", await RepairedAsync(table, ["1"], ["2"], ["3"]));

        Assert.Equal("Missing 2, Missing 3", await DifferencesAsync());
        await AssertAnswerAsync("1=5 3=6", "SELECT string_agg(id || '=' || x, ' ' ORDER BY id) FROM analytics.things");
    }

    [Fact]
    public async Task A_quarantined_change_explains_its_key_in_every_spelling()
    {
        await Analytics.ExecuteAsync(
            "CREATE EXTENSION citext; CREATE SCHEMA analytics; "
            + "CREATE TABLE analytics.words (id citext PRIMARY KEY, name text CHECK (name <> 'bad'))");
        await Source.ExecuteAsync(
            "CREATE EXTENSION citext; CREATE TABLE words (id citext PRIMARY KEY, name text); INSERT INTO words VALUES ('ABC', 'bad')");
        var table = Table("words", ("id", "citext"), ("name", "text"));
        await Lake.CdcAsync(table, "SELECT 'I' AS op, 1 AS v, 'abc' AS id, 'ada' AS name");
        await MergeAsync(table);
        await Lake.CdcAsync(table, "SELECT 'U' AS op, 2 AS v, 'Abc' AS id, 'bad' AS name");
        await MergeAsync(table);

        Assert.Equal("Proven 0 1 0", await RepairedAsync(table, ["abc"]));
    }
}
