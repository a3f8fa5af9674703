using CdcDms.Pipeline.Validation;
using Npgsql;

namespace CdcDms.Pipeline.Tests.Validation;

/// <summary>A validator that never fails proves nothing: every kind of damage is done on purpose and must be found.</summary>
public sealed class ValidatorTests(TestServers servers) : IAsyncLifetime
{
    private const string Columns = """
        (a integer, b text, name text, price numeric, ratio double precision, doc jsonb, mood text, at timestamptz, bytes bytea,
            PRIMARY KEY (a, b))
        """;

    private const string Rows = """
        INSERT INTO shop.things VALUES
            (1, 'x', 'ada', 1.5, 0, '{"a": 1}', 'fine', '2026-01-01 00:00:00+00', '\x00'),
            (1, 'y', '', 2, 0.1, NULL, 'odd', '2026-01-02 00:00:00+00', ''),
            (12, '', NULL, NULL, 'NaN', '[]', NULL, NULL, NULL),
            (1, '2', 'dan', 4, 4, '4', 'odd', '2026-01-04 00:00:00+00', '\x04')
        """;

    private static readonly TableDefinition Things = new()
    {
        Schema = "shop",
        Name = "things",
        Target = "analytics.things",
        Key = ["a", "b"],
    };

    private static readonly ColumnMapping[] KeyColumns = [new() { From = "a", To = "a" }, new() { From = "b", To = "b" }];

    private TestDatabase _source = null!;
    private TestDatabase _target = null!;

    public async ValueTask InitializeAsync()
    {
        _source = await servers.CreateDatabaseAsync();
        _target = await servers.CreateDatabaseAsync();
        await _source.ExecuteAsync($"CREATE SCHEMA shop; CREATE TABLE shop.things {Columns}; {Rows}");
        var rows = Rows.Replace("shop.", "analytics.", StringComparison.Ordinal);
        await _target.ExecuteAsync($"CREATE SCHEMA analytics; CREATE TABLE analytics.things {Columns}; {rows}");
    }

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await _target.DisposeAsync();
    }

    [Fact]
    public async Task Equal_tables_are_identical_in_any_physical_order()
    {
        await _target.ExecuteAsync("""
            UPDATE analytics.things SET name = name WHERE a = 1;
            DELETE FROM analytics.things WHERE a = 12;
            INSERT INTO analytics.things VALUES (12, '', NULL, NULL, 'NaN', '[]')
            """);

        var found = await CompareAsync();

        Assert.Empty(found.DifferentColumns);
        Assert.True(found.Identical);
        Assert.Equal((4, 4), (found.SourceRows, found.TargetRows));
    }

    [Theory]
    [InlineData("UPDATE analytics.things SET name = 'adb' WHERE name = 'ada'", "name")]
    [InlineData("UPDATE analytics.things SET name = NULL WHERE name = ''", "name")]
    [InlineData("UPDATE analytics.things SET name = '' WHERE name IS NULL", "name")]
    [InlineData("UPDATE analytics.things SET name = 'n' WHERE name IS NULL", "name")]
    [InlineData("UPDATE analytics.things SET name = 'ada ' WHERE name = 'ada'", "name")]
    [InlineData("UPDATE analytics.things SET mood = CASE b WHEN 'x' THEN 'odd' ELSE 'fine' END WHERE b IN ('x', 'y')", "mood")]
    [InlineData("UPDATE analytics.things SET ratio = '-0' WHERE ratio = 0", "ratio")]
    [InlineData("UPDATE analytics.things SET ratio = 0.1::real WHERE ratio = 0.1", "ratio")]
    [InlineData("UPDATE analytics.things SET price = 1.51 WHERE price = 1.5", "price")]
    [InlineData("UPDATE analytics.things SET doc = 'null' WHERE doc IS NULL", "doc")]
    [InlineData("UPDATE analytics.things SET at = at + interval '1 microsecond' WHERE b = 'x'", "at")]
    [InlineData("UPDATE analytics.things SET bytes = NULL WHERE bytes = ''", "bytes")]
    [InlineData(
        "UPDATE analytics.things t SET name = o.name, price = o.price FROM analytics.things o WHERE (t.b, o.b) IN (('x', 'y'), ('y', 'x'))",
        "name price")]
    public async Task A_changed_value_is_found_in_its_column(string damage, string columns)
    {
        await _target.ExecuteAsync(damage);

        var found = await CompareAsync();

        Assert.Equal((0, 0), (found.Missing, found.Extra));
        Assert.Equal(columns, string.Join(" ", found.DifferentColumns));
        Assert.False(found.Identical);
    }

    [Theory]
    [InlineData("DELETE FROM analytics.things WHERE a = 12", 3, 1, 0)]
    [InlineData("INSERT INTO analytics.things (a, b) VALUES (5, 'extra')", 5, 0, 1)]
    public async Task A_missing_or_an_extra_row_is_found(string damage, long rows, long missing, long extra)
    {
        await _target.ExecuteAsync(damage);

        var found = await CompareAsync();

        Assert.False(found.Identical);
        Assert.Equal((4, rows, missing, extra, 0), (found.SourceRows, found.TargetRows, found.Missing, found.Extra, found.Changed));
    }

    [Fact]
    public async Task A_row_exchanged_for_another_is_found_although_the_count_is_right()
    {
        await _target.ExecuteAsync(
            "DELETE FROM analytics.things WHERE a = 12; INSERT INTO analytics.things (a, b, ratio, doc) VALUES (13, '', 'NaN', '[]')");

        var found = await CompareAsync();

        Assert.False(found.Identical);
        Assert.Equal((1, 1, 0), (found.Missing, found.Extra, found.Changed));
    }

    [Fact]
    public async Task Damage_in_a_row_whose_key_is_null_is_found()
    {
        const string table = "(id integer UNIQUE, name text)";
        await _source.ExecuteAsync($"CREATE TABLE shop.loose {table}; INSERT INTO shop.loose VALUES (NULL, 'a')");
        await _target.ExecuteAsync($"CREATE TABLE analytics.loose {table}; INSERT INTO analytics.loose VALUES (NULL, 'b')");

        var found = await CompareAsync(Things with { Name = "loose", Target = "analytics.loose", Key = ["id"] });

        Assert.Equal(["name"], found.DifferentColumns);
    }

    [Fact]
    public async Task Values_are_compared_as_the_targets_types_write_them()
    {
        await _source.ExecuteAsync("""
            CREATE TYPE mood AS ENUM ('fine', 'odd');
            CREATE TABLE shop.typed (id integer PRIMARY KEY, doc json, mood mood, code char(5), n numeric(10,4), f real, moods mood[]);
            INSERT INTO shop.typed VALUES (1, '{"b":1,  "a":2}', 'odd', 'ab', 1.5, 0.1, '{odd,NULL}');
            INSERT INTO shop.typed (id) VALUES (2)
            """);
        await _target.ExecuteAsync("""
            CREATE TABLE analytics.typed (
                id bigint PRIMARY KEY, doc jsonb, mood text, code text, n numeric(20,2), f double precision, moods text[]);
            INSERT INTO analytics.typed VALUES (1, '{"a": 2, "b": 1}', 'odd', 'ab', 1.50, 0.1::real, '{odd,NULL}');
            INSERT INTO analytics.typed (id) VALUES (2)
            """);

        var found = await CompareAsync(Things with { Name = "typed", Target = "analytics.typed", Key = null });

        Assert.Empty(found.DifferentColumns);
        Assert.Equal(2, found.TargetRows);
    }

    [Theory]
    [InlineData("timestamp", "timestamp(3)", "2026-01-01 00:00:00.000600")]
    [InlineData("time", "time(0)", "12:00:00.6")]
    [InlineData("interval", "interval(0)", "1.6 seconds")]
    [InlineData("numeric", "numeric(5,2)", "1.005")]
    public async Task Digits_that_the_target_has_rounded_away_are_a_difference(string type, string narrower, string value)
    {
        await _source.ExecuteAsync(
            $"CREATE TABLE shop.round (id integer PRIMARY KEY, n {type}); INSERT INTO shop.round VALUES (1, '{value}')");
        await _target.ExecuteAsync(
            $"CREATE TABLE analytics.round (id integer PRIMARY KEY, n {narrower}); INSERT INTO analytics.round VALUES (1, '{value}')");

        var found = await CompareAsync(Things with { Name = "round", Target = "analytics.round", Key = null });

        Assert.Equal(["n"], found.DifferentColumns);
    }

    [Fact]
    public async Task Settings_of_a_database_make_no_difference()
    {
        await _target.ExecuteAsync("""
            DO $$ BEGIN
                EXECUTE format('ALTER DATABASE %I SET timezone = ''Asia/Tokyo''', current_database());
                EXECUTE format('ALTER DATABASE %I SET datestyle = ''German''', current_database());
            END $$
            """);
        NpgsqlConnection.ClearAllPools();

        Assert.True((await CompareAsync()).Identical);
    }

    [Fact]
    public async Task A_column_that_nobody_replicates_is_a_difference_unless_left_out_on_purpose()
    {
        await _source.ExecuteAsync("ALTER TABLE shop.things ADD added text");

        Assert.Equal(["added"], (await CompareAsync()).DifferentColumns);
        Assert.True((await CompareAsync(Things with { Columns = KeyColumns })).Identical);
    }

    [Fact]
    public async Task Renamed_columns_are_compared_with_their_sources()
    {
        await _target.ExecuteAsync("ALTER TABLE analytics.things RENAME name TO called");
        var table = Things with { Columns = [.. KeyColumns, new() { From = "name", To = "called" }] };

        Assert.True((await CompareAsync(table)).Identical);
        await _target.ExecuteAsync("UPDATE analytics.things SET called = 'eve' WHERE called = 'ada'");
        Assert.Equal(["called"], (await CompareAsync(table)).DifferentColumns);
    }

    [Fact]
    public async Task What_cannot_be_compared_is_told_in_a_sentence()
    {
        Assert.Equal(
            "The source database has no table shop.none; correct the definition.",
            await FaultAsync(Things with { Name = "none" }));
        Assert.Equal(
            "The analytics database has no table analytics.none; correct the definition or merge first.",
            await FaultAsync(Things with { Target = "analytics.none" }));
        await _source.ExecuteAsync("ALTER TABLE shop.things RENAME b TO c");
        Assert.Equal(
            "The source table shop.things has no column b, which is in the key; correct the definition.", await FaultAsync(Things));
    }

    [Fact]
    public async Task A_column_that_a_side_lacks_is_a_difference_and_the_others_are_compared()
    {
        await _target.ExecuteAsync("ALTER TABLE analytics.things ADD own text; UPDATE analytics.things SET price = 5 WHERE price = 4");

        Assert.Equal(["price"], (await CompareAsync()).DifferentColumns);
        Assert.Equal(
            ["price", "own"],
            (await CompareAsync(Things with
            {
                Columns = [.. KeyColumns, new() { From = "price", To = "price" }, new() { From = "own", To = "own" }],
            })).DifferentColumns);
    }

    [Fact]
    public async Task A_table_is_not_its_own_target_under_whatever_name_of_its_host()
    {
        var elsewhere = new NpgsqlConnectionStringBuilder(_source.ConnectionString) { Host = "localhost" }.ConnectionString;

        var validator = new Validator(_source.ConnectionString, elsewhere);
        var fault = await Assert.ThrowsAsync<CdcDmsException>(
            () => validator.CompareAsync(Things with { Target = "shop.things" }, withValues: false, CancellationToken.None));

        Assert.Equal("shop.things is both source and target; name another target table or database.", fault.Message);
    }

    private async Task<ValidateOutput> CompareAsync(TableDefinition? table = null) =>
        (await new Validator(_source.ConnectionString, _target.ConnectionString).CompareAsync(
            table ?? Things, withValues: false, CancellationToken.None)).Result;

    private async Task<string> FaultAsync(TableDefinition table) =>
        (await Assert.ThrowsAsync<CdcDmsException>(() => CompareAsync(table))).Message;
}
