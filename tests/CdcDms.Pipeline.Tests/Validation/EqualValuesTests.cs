using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Validation;

namespace CdcDms.Pipeline.Tests.Validation;

/// <summary>What is equal although it is written differently, and what is not.</summary>
public sealed class EqualValuesTests(TestServers servers) : ComparisonFixture(servers)
{
    private const string EveryType = """
        CREATE EXTENSION IF NOT EXISTS citext SCHEMA $; CREATE TYPE $.mood AS ENUM ('fine', 'odd');
        CREATE TYPE $.pair AS (a integer, b text);
        CREATE COLLATION $.anycase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
        CREATE TABLE $.every (
            id $.citext, part text COLLATE $.anycase, PRIMARY KEY (id, part),
            b bytea, j jsonb, k json, l integer[], m $.mood, t timestamptz, f real, d double precision, n numeric, p numeric(8,3),
            c char(5), x text COLLATE $.anycase, r $.pair, i interval, u uuid, v varchar(3), o boolean, w date, z timetz, g int4range,
            a text[])
        """;

    private const string EveryValue = """
        INSERT INTO $.every VALUES
            ('Ä', 'a,b', '\x00ff', '{"a": "\"x\\y"}', '{"a":  1}', '{1,NULL}', 'odd', 'infinity', 'NaN', '-0', 'NaN', 1.5, 'ab', 'X',
                '(,"")', '1 mon -1 day', '00000000-0000-0000-0000-000000000001', '', true, '0044-03-15 BC', '12:00+02', '[1,2)',
                '{"NULL",NULL,""}'),
            ('a', 'A,B', '', '[]', 'null', '{}', 'fine', '2026-01-01 00:00:00.000001+00', '0.1', 'infinity', 1.500, 0, '', '', '(1,)',
                '0', NULL, 'ä', false, 'infinity', '12:00', 'empty', '{}'),
            ('', '', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                NULL, NULL)
        """;

    [Fact]
    public async Task Values_of_many_types_are_equal_on_both_sides()
    {
        await BothAsync(EveryType);
        await BothAsync(EveryValue);

        Assert.Empty(await DifferencesAsync(Table("every")));
        Assert.Empty(await DifferencesAsync(Table("every"), new ScanLimits { MayHashRecords = false }));
    }

    [Theory]
    [InlineData("b = '\\x00fe'", "b")]
    [InlineData("c = 'ac'", "c")]
    [InlineData("x = 'x'", "x")]
    [InlineData("d = 0", "d")]
    [InlineData("r = NULL", "r")]
    [InlineData("a = '{NULL,NULL,\"\"}'", "a")]
    [InlineData("i = '29 days'", "i")]
    [InlineData("z = '10:00+00'", "z")]
    [InlineData("id = 'Ä '", "")]
    [InlineData("part = 'A,b'", "part")]
    public async Task A_value_that_its_type_may_hold_equal_is_still_another_value(string change, string column)
    {
        await BothAsync(EveryType);
        await BothAsync(EveryValue);
        await Target.ExecuteAsync($"SET search_path = analytics; UPDATE every SET {change} WHERE part = 'a,b' AND id = 'Ä'");

        var named = await DifferencesAsync(Table("every"));

        Assert.Equal(
            column.Length > 0 ? [$"Changed id=Ä part=a,b: {column}"] : ["Missing id=Ä part=a,b", "Extra id=Ä  part=a,b"], named);
    }

    /// <summary>Without files nothing but a mistake changes a scale. DMS writes six digits for every value of a plain numeric.</summary>
    [Theory]
    [InlineData("numeric", "numeric", null, "1.5", "1.500", false)]
    [InlineData("numeric", "numeric", "VARCHAR", "1.5", "1.500", false)]
    [InlineData("numeric", "numeric", "DECIMAL(28,6)", "1.5", "1.500000", true)]
    [InlineData("numeric", "numeric", "", "1.5", "1.500000", true)]
    [InlineData("numeric(12,3)", "numeric", "DECIMAL(12,3)", "1.5", "1.50", false)]
    [InlineData("numeric(12,3)", "numeric", "DECIMAL(12,3)", "1.5", "1.500", true)]
    [InlineData("numeric(12,3)", "numeric", "DECIMAL(12,2)", "1.5", "1.50", true)]
    [InlineData("numeric(12,-2)", "numeric", "DECIMAL(14,0)", "1500", "1500", true)]
    [InlineData("numeric(12,3)", "numeric(12,1)", null, "1.5", "1.5", true)]
    [InlineData("numeric", "numeric(12,6)", "DECIMAL(28,6)", "1.5", "1.5", true)]
    [InlineData("numeric(12,3)", "numeric(12,3)", null, "1.501", "1.502", false)]
    public async Task A_scale_is_compared_where_the_files_keep_it(
        string sourceType, string targetType, string? fileType, string value, string held, bool equal)
    {
        await Source.ExecuteAsync(
            $"CREATE TABLE shop.scale (id integer PRIMARY KEY, n {sourceType}); INSERT INTO shop.scale VALUES (1, {value})");
        await Target.ExecuteAsync(
            $"CREATE TABLE analytics.scale (id integer PRIMARY KEY, n {targetType}); INSERT INTO analytics.scale VALUES (1, {held})");
        if (fileType is not null)
            await SeenAsync("scale", $$"""{"id": "INTEGER", "n": "{{fileType}}"}""");

        Assert.Equal(equal ? [] : ["Changed id=1: n"], await DifferencesAsync(Table("scale")));
    }

    [Fact]
    public async Task A_key_of_another_spelling_is_the_same_row()
    {
        await BothAsync("CREATE EXTENSION citext SCHEMA $");
        await BothAsync("CREATE TABLE $.spelled (n numeric, c $.citext, f double precision, a text, PRIMARY KEY (n, c, f))");
        await Source.ExecuteAsync("INSERT INTO shop.spelled VALUES (1.50, 'Ab', 0, 'a'), (2, 'x', 1, 'b')");
        await Target.ExecuteAsync("INSERT INTO analytics.spelled VALUES (1.5, 'aB', '-0', 'a'), (2.000000, 'x', 1, 'b')");

        Assert.Equal(
            ["Changed n=1.50 c=Ab f=0: n c f", "Changed n=2 c=x f=1: n"], await DifferencesAsync(Table("spelled")));
        await SeenAsync("spelled", """{"n": "DECIMAL(28,6)", "c": "VARCHAR", "f": "DOUBLE", "a": "VARCHAR"}""");
        Assert.Equal(["Changed n=1.50 c=Ab f=0: c f"], await DifferencesAsync(Table("spelled")));
    }

    [Theory]
    [InlineData("timestamp", "2026-01-01 12:00:00.6", "date", "2026-01-01")]
    [InlineData("timestamp", "2026-01-01 12:00:00.6", "timestamp(0)", "2026-01-01 12:00:01")]
    [InlineData("numeric", "1.2345", "numeric(5,2)", "1.23")]
    [InlineData("numeric", "7.5", "integer", "8")]
    [InlineData("double precision", "0.12345678901", "real", "0.12345679")]
    [InlineData("text", "007", "integer", "7")]
    [InlineData("interval", "1.6 seconds", "interval(0)", "2 seconds")]
    public async Task A_loss_is_wanted_where_the_definition_gives_the_type(string sourceType, string value, string targetType, string held)
    {
        await Source.ExecuteAsync(
            $"CREATE TABLE shop.wanted (id integer PRIMARY KEY, a {sourceType}); INSERT INTO shop.wanted VALUES (1, '{value}')");
        await Target.ExecuteAsync(
            $"CREATE TABLE analytics.wanted (id integer PRIMARY KEY, a {targetType}); INSERT INTO analytics.wanted VALUES (1, '{held}')");
        var given = Table("wanted") with
        {
            Columns = [new() { From = "id", To = "id", Type = "integer" }, new() { From = "a", To = "a", Type = targetType }],
        };

        Assert.Equal(["Changed id=1: a"], await DifferencesAsync(Table("wanted")));
        Assert.Empty(await DifferencesAsync(given));
    }

    [Fact]
    public async Task A_value_that_a_given_type_refuses_is_the_only_difference()
    {
        await Source.ExecuteAsync("""
            CREATE TABLE shop.strict (id integer PRIMARY KEY, a numeric, b numeric, c text);
            INSERT INTO shop.strict SELECT i, i, i, i FROM generate_series(1, 100) i;
            UPDATE shop.strict SET a = 1e12 WHERE id = 50; UPDATE shop.strict SET b = 1000 WHERE id = 60
            """);
        await Target.ExecuteAsync("""
            CREATE TABLE analytics.strict (id integer PRIMARY KEY, a integer, b numeric(3,0), c integer);
            INSERT INTO analytics.strict SELECT i, i, i, i FROM generate_series(1, 100) i
            """);
        var given = Table("strict") with
        {
            Columns =
            [
                new() { From = "id", To = "id", Type = "integer" }, new() { From = "a", To = "a", Type = "integer" },
                new() { From = "b", To = "b", Type = "numeric(3,0)" }, new() { From = "c", To = "c", Type = "integer" },
            ],
        };

        Assert.Equal(["Changed id=50: a", "Changed id=60: b"], await DifferencesAsync(given));
    }

    private async Task SeenAsync(string name, string columns)
    {
        await using var connection = await Target.OpenAsync();
        await TableLedger.OpenAsync(connection, new TableName("analytics", name), TestContext.Current.CancellationToken);
        await Target.ExecuteAsync($"UPDATE cdc.tables SET seen_columns = '{columns}'");
    }
}
