using CdcDms.Pipeline.Preflight;

namespace CdcDms.Pipeline.Tests.Preflight;

/// <summary>Columns of a target that are too small for the source's, that the merge could not widen, or that check what comes.</summary>
public sealed class TargetColumnTests(TestServers servers)
{
    [Theory]
    [InlineData("text", "text", "")]
    [InlineData("varchar(9)", "varchar(9)", "")]
    [InlineData("varchar(9)", "varchar(8) COLLATE \"C\"", "Loses: TYPE character varying(9) COLLATE pg_catalog.\"C\"")]
    [InlineData("char(9)", "char(8)", "Loses: TYPE character(9)")]
    [InlineData("text", "varchar(100)", "Loses: TYPE text")]
    [InlineData("jsonb", "varchar(100)", "Loses: TYPE text")]
    [InlineData("text", "name", "Loses: TYPE text COLLATE pg_catalog.\"C\"")]
    [InlineData("uuid", "varchar(36)", "")]
    [InlineData("uuid", "varchar(35)", "Loses: TYPE character varying(36)")]
    [InlineData("bigint", "numeric(19)", "")]
    [InlineData("bigint", "numeric(20,2)", "Loses: TYPE numeric(21,2)")]
    [InlineData("numeric(40,4)", "numeric(40,3)", "Loses: TYPE numeric(41,4)")]
    [InlineData("numeric(12,2)", "numeric(5,2)", "")]
    [InlineData("timestamptz", "timestamptz", "")]
    [InlineData("timestamptz(3)", "timestamp(3)", "")]
    [InlineData("timestamp", "timestamp(3)", "Loses: TYPE timestamp without time zone")]
    [InlineData("time", "time(3)", "")]
    [InlineData("time", "time(2)", "Loses: TYPE time without time zone")]
    [InlineData("interval", "interval(0)", "Loses: TYPE interval")]
    [InlineData("bit(4)", "bit(4)", "")]
    [InlineData("bit(4)", "bit(3)", "Loses: TYPE bit varying")]
    [InlineData("bit varying", "bit varying(9)", "Loses: TYPE bit varying")]
    [InlineData("numeric(12,2)", "integer", "Blocks: TYPE numeric(12,2) USING \"v\"::text::numeric(12,2)")]
    [InlineData("numeric(8,2)", "integer", "Blocks: to be chosen")]
    [InlineData("integer", "date", "Blocks: to be chosen")]
    [InlineData("varchar(9)", "small_text", "Loses: to be chosen")]
    [InlineData("integer", "smallint", "")]
    public async Task A_type_too_small_is_found_with_one_that_is_not(string from, string to, string found)
    {
        var findings = await FoundAsync($"CREATE TABLE t (id int PRIMARY KEY, v {from})", $"CREATE TABLE t (id int PRIMARY KEY, v {to})");

        const string alter = "ALTER TABLE \"analytics\".\"t\" ALTER COLUMN \"v\" ";
        Assert.Equal(found, string.Join(", ", findings.Where(finding => finding.Check == "target-types").Select(finding =>
            $"{finding.Severity}: {(finding.IsChoice ? "to be chosen" : finding.Sql[0].Replace(alter, "", StringComparison.Ordinal))}")));
    }

    [Fact]
    public async Task A_key_that_is_too_short_blocks_and_rounding_that_the_definition_asks_for_does_not()
    {
        var findings = await FoundAsync(
            "CREATE TABLE t (id varchar(9) PRIMARY KEY, at timestamp)", "CREATE TABLE t (id varchar(8) PRIMARY KEY, at timestamp(0))",
            new TableDefinition
            {
                Schema = "public",
                Name = "t",
                Target = "analytics.t",
                Key = ["id"],
                Columns = [new() { From = "id", To = "id" }, new() { From = "at", To = "at", Type = "timestamp(0)" }],
            });

        var finding = Assert.Single(findings);
        Assert.Equal((FindingSeverity.Blocks, "target-types"), (finding.Severity, finding.Check));
    }

    [Theory]
    [InlineData("integer", "smallint", "CREATE VIEW seen AS SELECT v FROM t", "the view analytics.seen")]
    [InlineData("integer", "smallint", "ALTER TABLE t ADD w int GENERATED ALWAYS AS (v * 2) STORED", "the generated column w of table")]
    [InlineData("double precision", "real", "CREATE MATERIALIZED VIEW seen AS SELECT v FROM t", "the materialized view analytics.seen")]
    [InlineData("numeric(12,2)", "numeric(9,2)", "CREATE VIEW seen AS SELECT v FROM t", "the view analytics.seen")]
    [InlineData("varchar(9)", "varchar(8)", "CREATE VIEW seen AS SELECT v FROM t", "the view analytics.seen")]
    public async Task A_column_that_cannot_be_widened_is_told_with_what_is_in_the_way(string from, string to, string with, string told)
    {
        var finding = Assert.Single(
            await FoundAsync($"CREATE TABLE t (id int PRIMARY KEY, v {from})", $"CREATE TABLE t (id int PRIMARY KEY, v {to}); {with}"));

        Assert.True(finding.IsChoice);
        Assert.Contains(told, finding.ByHand, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Versions_that_get_room_for_a_generation_must_not_be_in_a_view()
    {
        var finding = Assert.Single(await FoundAsync(
            "CREATE TABLE t (id int PRIMARY KEY)",
            """
            CREATE TABLE t (id int PRIMARY KEY, _cdc_version numeric(35,0) NOT NULL DEFAULT 0, _cdc_committed_at timestamptz,
                _cdc_delete_version numeric(35,0), _cdc_deleted boolean GENERATED ALWAYS AS (_cdc_delete_version IS NOT NULL) STORED);
            CREATE VIEW living AS SELECT id FROM t WHERE NOT _cdc_deleted
            """,
            Define() with { Deletes = DeleteMode.Soft }));

        Assert.Contains("while there is the view analytics.living.", finding.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_check_that_the_source_does_not_make_is_told_and_is_to_be_chosen()
    {
        var findings = await FoundAsync(
            "CREATE TABLE t (id int PRIMARY KEY, v int, w int, CHECK (v > 0))",
            "CREATE DOMAIN positive AS int CHECK (VALUE > 0); "
            + "CREATE TABLE t (id int PRIMARY KEY, v int CHECK (v > 0), w positive, CONSTRAINT small CHECK (v < 10))");

        Assert.Equal(
            ["the check small (CHECK ((v < 10)))", "the domain analytics.positive (w: CHECK ((VALUE > 0)))"],
            findings.Where(finding => finding.Check == "target-checks").Select(finding =>
                finding.Reason[(finding.Reason.IndexOf(" has ", StringComparison.Ordinal) + 5)..].Split(", which")[0]));
        var small = findings.First(finding => finding.Check == "target-checks");
        Assert.Equal(
            (FindingSeverity.Warns, true, "ALTER TABLE analytics.t DROP CONSTRAINT small",
                "ALTER TABLE analytics.t ADD CONSTRAINT small CHECK ((v < 10))"),
            (small.Severity, small.IsChoice, Assert.Single(small.Sql), Assert.Single(small.Undo)));
    }

    [Fact]
    public async Task A_renamed_column_is_told_before_the_first_merge_and_after_the_new_one_has_come()
    {
        const string target = "CREATE TABLE t (id int PRIMARY KEY, old int, mine text)";
        var before = await FoundAsync("CREATE TABLE t (id int PRIMARY KEY, new int)", target);
        var after = await FoundAsync(
            "CREATE TABLE t (id int PRIMARY KEY, new int)",
            $$"""
            {{target}}; ALTER TABLE t ADD new int; CREATE SCHEMA cdc;
            CREATE TABLE cdc.tables AS
            SELECT 'analytics' AS target_schema, 't' AS target_name, '{"id": "", "old": ""}'::jsonb AS seen_columns
            """);
        var none = await FoundAsync("CREATE TABLE t (id int PRIMARY KEY, new int)", $"{target}; ALTER TABLE t ADD new int");

        Assert.Contains(
            "has old, mine, which the source table public.t has not, and the source has new", Assert.Single(before).Reason,
            StringComparison.Ordinal);
        Assert.Contains(
            "has old, which the source table public.t has not any more.", Assert.Single(after).Reason, StringComparison.Ordinal);
        Assert.Empty(none);
    }

    private static TableDefinition Define() => new() { Schema = "public", Name = "t", Target = "analytics.t" };

    private async Task<List<Finding>> FoundAsync(string from, string to, TableDefinition? definition = null)
    {
        await using var source = await servers.CreateDatabaseAsync();
        await using var target = await servers.CreateDatabaseAsync();
        await source.ExecuteAsync(from);
        await target.ExecuteAsync($"CREATE SCHEMA analytics; SET search_path = analytics; CREATE DOMAIN small_text AS varchar(8); {to}");
        var report = await new PreflightJob(source.ConnectionString, target.ConnectionString, new PreflightSettings())
            .RunAsync(new TableList([definition ?? Define()], []), TestContext.Current.CancellationToken);
        return [.. report.Findings.Where(finding => finding.Database is CheckedDatabase.Analytics)];
    }
}
