using CdcDms.DuckDb;
using CdcDms.Pipeline.Postgres;

namespace CdcDms.Pipeline.Tests.Statements;

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
        await Lake.CdcAsync(
            table,
            $"SELECT 'U' AS op, 5 AS v, * FROM ({Row((key, "1"), (value, "'a 2'"))}) UNION ALL SELECT 'D', 6, * "
            + $"FROM ({Row((key, "2"), (value, "NULL"))})");

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
            "c0", "c1", "version", "deleted", "committed_at", "s", "t", "x", "r", "h", "excluded", "applied", "is_new", "rank",
            "place", "below", "held", "fresh", "row_id", "changes", "winners", "filename", "file_index_", "rowid", "count", "key",
            "rows", "op_", "v0", "v1", "oid", "value",
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
        await AssertAnswerAsync<long>(1, "SELECT count(*) FROM analytics.names WHERE c0 = 0 AND version = 1 AND held = 16 AND value = 31");
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
