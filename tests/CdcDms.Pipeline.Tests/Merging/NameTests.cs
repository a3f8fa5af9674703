using CdcDms.DuckDb;
using CdcDms.Pipeline.Postgres;

namespace CdcDms.Pipeline.Tests.Merging;

/// <summary>Names are data: whatever they hold, they are neither SQL nor mistaken for names of our own.</summary>
public sealed class NameTests(TestServers servers) : MergeFixture(servers)
{
    [Theory]
    [InlineData("Mixed Case", "Order", "Id", "Value")]
    [InlineData("select", "table", "user", "group")]
    [InlineData("\"; drop table x; --", "'; drop table x; --", "a\"b\"\"c", "a'b''c;")]
    [InlineData("ünïcödé", "表🦆", "ключ", "значение")]
    [InlineData("back\\slash", "$$", "$1", "\\")]
    [InlineData("a.b", "c.d%20+", "@p", ":p")]
    [InlineData("plus+space ", "percent%", "{0}", "%s")]
    public async Task Hostile_names_are_names(string schema, string name, string key, string value)
    {
        var table = Table(schema, name, [key], (key, "integer"), (value, "text"));
        await Lake.LoadAsync(table, 1, Row((key, "1"), (value, "'a'")) + " UNION ALL " + Row((key, "2"), (value, "'b'")));
        await Lake.CdcAsync(table, $"SELECT 'U' AS op, 5 AS v, * FROM ({Row((key, "1"), (value, "'a 2'"))}) UNION ALL SELECT 'D', 6, * FROM ({Row((key, "2"), (value, "NULL"))})");

        var rows = await MergeAsync(table);

        Assert.Equal(new RowCounts { Read = 4, Inserted = 2, Updated = 1, Deleted = 1 }, rows);
        Assert.Equal("1a 2", await Analytics.ScalarAsync<string>(
            $"SELECT string_agg({Sql.Identifier(key)}::text || {Sql.Identifier(value)}, ' ') FROM {Sql.Identifier(table.TargetName)}"));
    }

    [Fact]
    public async Task Columns_may_have_the_names_that_our_statements_use()
    {
        string[] names =
        [
            "c0", "c1", "version", "deleted", "committed_at", "s", "t", "x", "r", "h", "excluded", "applied", "is_new", "rank", "place", "below", "held", "fresh",
            "row_id", "changes", "winners", "filename", "file_index_", "rowid", "count", "key", "rows", "op_", "v0", "v1", "oid", "value",
        ];
        var table = Table("public", "names", ["version"], [.. names.Select(name => (name, "integer"))]);
        string row(int id) => Row([.. names.Select((name, index) => (name, name == "version" ? $"{id}" : $"{index}"))]);
        await Lake.LoadAsync(table, 1, row(1));
        await MergeAsync(table);
        await Lake.LoadAsync(table, 2, row(1) + " UNION ALL " + row(2));
        await Lake.CdcAsync(table, $"SELECT 'U' AS op, 5 AS v, * FROM ({row(1)}) UNION ALL SELECT 'D', 6, * FROM ({row(2)})");
        await MergeAsync(table);
        await Lake.CdcAsync(table, $"SELECT 'U' AS op, 5 AS v, * FROM ({row(1)}) UNION ALL SELECT 'I', 4, * FROM ({row(2)})");

        var rows = await MergeAsync(table);

        Assert.Equal(new RowCounts { Read = 2, Unchanged = 1, Stale = 1 }, rows);
        Assert.Equal(1, await Analytics.ScalarAsync<long>("SELECT count(*) FROM analytics.names WHERE c0 = 0 AND version = 1 AND held = 16 AND value = 31"));
    }

    [Theory]
    [InlineData("text", "'a'", "'b'")]
    [InlineData("uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12'")]
    [InlineData("numeric", "1.50::DECIMAL(38,10)", "1.51::DECIMAL(38,10)")]
    [InlineData("timestamptz", "TIMESTAMP '2026-01-01 00:00:00.000001'", "TIMESTAMP '2026-01-01 00:00:00.000002'")]
    [InlineData("date", "DATE '2026-01-01'", "DATE '2026-01-02'")]
    [InlineData("bytea", "'\\x00'::BLOB", "''::BLOB")]
    [InlineData("double precision", "0.1::DOUBLE", "'NaN'::DOUBLE")]
    [InlineData("boolean", "true", "false")]
    [InlineData("inet", "'10.0.0.1'", "'10.0.0.0/8'")]
    [InlineData("integer[]", "'{1,2}'", "'{1,NULL}'")]
    public async Task A_key_may_be_of_any_type_and_stand_last(string type, string first, string second)
    {
        var table = Table("public", "keys", ["k"], ("value", "text"), ("k", type));
        await Lake.LoadAsync(table, 1, $"SELECT 'a' AS \"value\", {first} AS k UNION ALL SELECT 'b', {second}");
        await MergeAsync(table);
        await Lake.CdcAsync(table, $"SELECT 'U' AS op, 5 AS v, 'a 2' AS \"value\", {first} AS k UNION ALL SELECT 'D', 6, NULL, {second}");

        var rows = await MergeAsync(table);
        await Lake.CdcAsync(table, $"SELECT 'I' AS op, 4 AS v, 'old' AS \"value\", {second} AS k");
        var late = await MergeAsync(table);

        Assert.Equal(new RowCounts { Read = 2, Updated = 1, Deleted = 1 }, rows);
        Assert.Equal(new RowCounts { Read = 1, Stale = 1 }, late);
        Assert.Equal("a 2", await Analytics.ScalarAsync<string>("SELECT string_agg(value, ' ') FROM analytics.keys"));
    }

    [Fact]
    public async Task A_composite_key_is_one_key()
    {
        var table = Table("public", "composite", ["b", "a"], ("a", "text"), ("n", "integer"), ("b", "integer"));
        await Lake.LoadAsync(table, 1, "SELECT * FROM (VALUES ('x', 1, 1), ('x', 2, 2), ('y', 3, 1)) t(a, n, b)");
        await Lake.CdcAsync(table, "SELECT * FROM (VALUES ('U', 5, 'x', 20, 2), ('D', 6, 'y', NULL, 1)) t(op, v, a, n, b)");

        await MergeAsync(table);

        Assert.Equal("x1=1 x2=20", await Analytics.ScalarAsync<string>("SELECT string_agg(a || b || '=' || n, ' ' ORDER BY a, b) FROM analytics.composite"));
    }

    [Theory]
    [InlineData("CREATE EXTENSION citext", "citext")]
    [InlineData("CREATE SCHEMA elsewhere; CREATE EXTENSION citext SCHEMA elsewhere", "elsewhere.citext")]
    [InlineData("CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false)", "text COLLATE nocase")]
    public async Task Keys_that_only_the_target_holds_equal_are_one_row(string prepare, string type)
    {
        await Analytics.ExecuteAsync($"{prepare}; CREATE SCHEMA analytics; CREATE TABLE analytics.nocase (k {type} PRIMARY KEY, n integer)");
        var table = Table("public", "nocase", ["k"], ("k", "text"), ("n", "integer"));
        await Lake.LoadAsync(table, 1, "SELECT * FROM (VALUES ('ada', 1), ('bob', 1), ('cyd', 1)) t(k, n)");
        await MergeAsync(table);
        await Lake.CdcAsync(table, "SELECT * FROM (VALUES ('U', 5, 'Ada', 5), ('U', 6, 'ADA', 6), ('D', 7, 'BOB', NULL), ('D', 8, 'Dan', NULL), ('D', 9, 'Cyd', NULL), ('I', 10, 'CYD', 10)) t(op, v, k, n)");
        var rows = await MergeAsync(table);
        await Lake.CdcAsync(table, "SELECT * FROM (VALUES ('I', 3, 'Bob', 3), ('U', 4, 'aDA', 4)) t(op, v, k, n)");

        var late = await MergeAsync(table);

        Assert.Equal("ADA6 CYD10", await Analytics.ScalarAsync<string>("SELECT string_agg(k || n::text, ' ' ORDER BY n) FROM analytics.nocase"));
        Assert.Equal(new RowCounts { Read = 6, Updated = 2, Deleted = 2, Superseded = 2 }, rows);
        Assert.Equal(new RowCounts { Read = 2, Stale = 2 }, late);
    }

    private static TableDefinition Table(string schema, string name, string[] key, params (string Name, string Type)[] columns) => new()
    {
        Schema = schema,
        Name = name,
        Target = new TableName(schema == "public" ? "analytics" : schema, name).ToString(),
        Key = key,
        Columns = [.. columns.Select(column => new ColumnMapping { From = column.Name, To = column.Name, Type = column.Type })],
    };

    private static string Row(params (string Name, string Value)[] columns) =>
        $"SELECT {string.Join(", ", columns.Select(column => $"{column.Value} AS {DuckDbSql.Identifier(column.Name)}"))}";
}
