using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Validation;
using Npgsql;

namespace CdcDms.Pipeline.Tests.Validation;

/// <summary>What is compared when the two sides are not made alike: types, encodings, children.</summary>
public sealed class ComparedValuesTests(TestServers servers) : IAsyncLifetime
{
    private TestDatabase _source = null!;
    private TestDatabase _target = null!;

    public async ValueTask InitializeAsync()
    {
        _source = await servers.CreateDatabaseAsync();
        _target = await servers.CreateDatabaseAsync();
        await _source.ExecuteAsync("CREATE SCHEMA shop");
        await _target.ExecuteAsync("CREATE SCHEMA analytics");
    }

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await _target.DisposeAsync();
    }

    [Theory]
    [InlineData("integer", "x", "1")]
    [InlineData("integer", "5.4", "5")]
    [InlineData("jsonb", "not json", "{}")]
    [InlineData("jsonb", "\"\\u0000\"", "{}")]
    [InlineData("date", "31st", "2026-01-01")]
    public async Task A_value_that_the_targets_type_refuses_is_a_difference_of_its_column(string type, string value, string held)
    {
        await _source.ExecuteAsync(
            $"CREATE TABLE shop.strict (id integer PRIMARY KEY, a text, b text); INSERT INTO shop.strict VALUES (1, '{value}', 'b')");
        await _target.ExecuteAsync(
            $"CREATE TABLE analytics.strict (id integer PRIMARY KEY, a {type}, b text); "
            + $"INSERT INTO analytics.strict VALUES (1, '{held}', 'b')");

        Assert.Equal(["a"], (await CompareAsync("strict")).DifferentColumns);
    }

    [Fact]
    public async Task A_value_that_is_refused_does_not_change_how_other_rows_are_compared()
    {
        await _source.ExecuteAsync("""
            CREATE TABLE shop.loose (id integer PRIMARY KEY, a text);
            INSERT INTO shop.loose VALUES (1, '{"b":1,  "a":2}'), (2, 'not json'), (3, '{"a": 3}'), (4, NULL)
            """);
        await _target.ExecuteAsync("""
            CREATE TABLE analytics.loose (id integer PRIMARY KEY, a jsonb);
            INSERT INTO analytics.loose VALUES (1, '{"a": 2, "b": 1}'), (2, '{}'), (3, '{"a": 4}'), (4, NULL)
            """);

        var found = await CompareAsync("loose");

        Assert.Equal((0, 0, 2), (found.Missing, found.Extra, found.Changed));
        Assert.Equal(["a"], found.DifferentColumns);
    }

    [Fact]
    public async Task A_row_whose_key_the_targets_type_refuses_is_missing()
    {
        await _source.ExecuteAsync(
            "CREATE TABLE shop.coded (id text PRIMARY KEY, a text); INSERT INTO shop.coded VALUES ('1', 'a'), ('x', 'b')");
        await _target.ExecuteAsync(
            "CREATE TABLE analytics.coded (id integer PRIMARY KEY, a text); INSERT INTO analytics.coded VALUES (1, 'a')");

        var found = await CompareAsync("coded");

        Assert.Equal((2, 1, 1, 0, 0), (found.SourceRows, found.TargetRows, found.Missing, found.Extra, found.Changed));
    }

    [Theory]
    [InlineData("text", "007", "integer", false)]
    [InlineData("text", "7", "integer", true)]
    [InlineData("text", "1.50", "numeric(10,3)", true)]
    [InlineData("text", "ab ", "char(3)", false)]
    [InlineData("text", "{\"b\":1,  \"a\":2}", "jsonb", true)]
    [InlineData("text", "2026-01-01T03:00:00Z", "timestamptz", true)]
    [InlineData("timestamp", "2026-01-01 12:00:00", "date", false)]
    [InlineData("timestamp", "2026-01-01 00:00:00", "date", true)]
    [InlineData("timestamp", "2026-01-01 12:00:00", "timestamptz", true)]
    [InlineData("timestamptz", "2026-01-01 12:00:00+00", "time", false)]
    [InlineData("double precision", "0.12345678901", "real", false)]
    [InlineData("double precision", "0.5", "real", true)]
    [InlineData("numeric", "0.12345678901234567890", "double precision", false)]
    [InlineData("numeric", "1.50", "double precision", true)]
    [InlineData("price", "1.50", "double precision", true)]
    [InlineData("mood", "fine", "text", true)]
    public async Task A_value_that_loses_something_in_the_targets_type_is_a_difference(
        string sourceType, string value, string targetType, bool equal)
    {
        await _source.ExecuteAsync(
            "CREATE TYPE mood AS ENUM ('fine'); CREATE DOMAIN price AS numeric(12,4); "
            + $"CREATE TABLE shop.cast (id integer PRIMARY KEY, a {sourceType}); INSERT INTO shop.cast VALUES (1, '{value}'), (2, NULL)");
        var cast = $"'{value}'::text::{(targetType == "time" ? "timestamptz::time" : targetType)}";
        await _target.ExecuteAsync(
            $"CREATE TABLE analytics.cast (id integer PRIMARY KEY, a {targetType}); "
            + $"INSERT INTO analytics.cast VALUES (1, {cast}), (2, NULL)");

        var found = await CompareAsync("cast");

        Assert.Equal(equal ? [] : ["a"], found.DifferentColumns);
    }

    [Fact]
    public async Task Children_that_inherit_are_tables_of_their_own_and_partitions_are_not()
    {
        await _source.ExecuteAsync("""
            CREATE TABLE shop.parent (id integer PRIMARY KEY, a text); CREATE TABLE shop.child (PRIMARY KEY (id)) INHERITS (shop.parent);
            INSERT INTO shop.parent VALUES (1, 'p'); INSERT INTO shop.child VALUES (2, 'c');
            CREATE TABLE shop.parts (id integer PRIMARY KEY, a text) PARTITION BY RANGE (id);
            CREATE TABLE shop.part PARTITION OF shop.parts FOR VALUES FROM (0) TO (10); INSERT INTO shop.parts VALUES (3, 'q')
            """);
        await _target.ExecuteAsync("""
            CREATE TABLE analytics.parent (id integer PRIMARY KEY, a text); INSERT INTO analytics.parent VALUES (1, 'p');
            CREATE TABLE analytics.parts (id integer PRIMARY KEY, a text); INSERT INTO analytics.parts VALUES (3, 'q')
            """);

        foreach (var name in (string[])["parent", "parts"])
        {
            var found = await CompareAsync(name);
            Assert.Equal((true, 1L), (found.Identical, found.SourceRows));
        }
    }

    [Fact]
    public async Task Databases_of_two_encodings_have_the_same_letters()
    {
        var name = $"latin_{Guid.NewGuid():N}";
        await _source.ExecuteAsync($"CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
        var latin = new NpgsqlConnectionStringBuilder(_source.ConnectionString) { Database = name, Pooling = false }.ConnectionString;
        await using (var connection = new NpgsqlConnection(latin))
        {
            await connection.OpenAsync();
            await connection.ExecuteAsync(
                "CREATE SCHEMA shop; CREATE TABLE shop.letters (id text PRIMARY KEY, a text); "
                + "INSERT INTO shop.letters VALUES ('ä', 'größe'), ('b', NULL)",
                CancellationToken.None);
        }

        await _target.ExecuteAsync(
            "CREATE TABLE analytics.letters (id text PRIMARY KEY, a text); "
            + "INSERT INTO analytics.letters VALUES ('ä', 'größe'), ('b', NULL)");
        var validator = new Validator(latin, _target.ConnectionString);
        var letters = Table("letters");

        Assert.True((await validator.CompareAsync(letters, withValues: false, CancellationToken.None)).Result.Identical);
        await _target.ExecuteAsync("UPDATE analytics.letters SET a = 'große' WHERE id = 'ä'");
        Assert.Equal(["a"], (await validator.CompareAsync(letters, withValues: false, CancellationToken.None)).Result.DifferentColumns);
        await _source.ExecuteAsync($"DROP DATABASE {name} WITH (FORCE)");
    }

    private static TableDefinition Table(string name) => new() { Schema = "shop", Name = name, Target = $"analytics.{name}" };

    private async Task<ValidateOutput> CompareAsync(string name) =>
        (await new Validator(_source.ConnectionString, _target.ConnectionString).CompareAsync(
            Table(name), withValues: false, CancellationToken.None)).Result;
}
