namespace CdcDms.Pipeline.Tests.Changes;

/// <summary>A file that DMS itself has written (where it comes from: Assets/README.md).</summary>
public sealed class DmsFileTests(TestServers servers) : MergeFixture(servers)
{
    private static readonly (string From, string Type)[] Columns =
    [
        ("DMS_TIMESTAMP", "timestamp"), ("id", "bigint"), ("my_int", "integer"), ("my_smallint", "smallint"),
        ("my_numeric", "numeric(15,2)"), ("my_real", "real"), ("my_double", "double precision"), ("my_money", "money"),
        ("my_varchar", "varchar(20)"), ("my_text", "text"), ("my_bytea", "bytea"), ("my_timestamp", "timestamp"),
        ("my_uuid", "uuid"), ("my_json", "json"), ("my_jsonb", "jsonb"), ("my_bool", "boolean"),
    ];

    [Fact]
    public async Task Every_value_of_a_real_file_arrives()
    {
        var table = new TableDefinition
        {
            Schema = "public",
            Name = "dms_test_table",
            Target = "analytics.dms_test_table",
            Key = ["id"],
            Columns = [.. Columns.Select(column => new ColumnMapping { From = column.From, To = column.From, Type = column.Type })],
        };
        await Lake.PutBytesAsync(
            Lake.LoadKey(table, 1),
            await File.ReadAllBytesAsync(Asset("dms_test_table_LOAD00000001.parquet")));

        var rows = await MergeAsync(table);

        Assert.Equal(new RowCounts { Read = 10, Inserted = 10 }, rows);
        await Analytics.ExecuteAsync(
            $"CREATE TABLE expected ({string.Join(", ", Columns.Select(column => $"\"{column.From}\" {column.Type}"))})");
        await using var connection = await Analytics.OpenAsync();
        await using (var copy = await connection.BeginTextImportAsync("COPY expected FROM STDIN (HEADER MATCH)"))
            await copy.WriteAsync(await File.ReadAllTextAsync(Asset("dms_test_table.expected.txt")));
        foreach (var (name, type) in Columns)
        {
            var equal = await Analytics.ScalarAsync<long>(
                "SELECT count(*) FROM expected e JOIN analytics.dms_test_table t USING (id) "
                + $"WHERE e.\"{name}\"::text = t.\"{name}\"::text AND pg_typeof(t.\"{name}\") = '{type}'::regtype");
            Assert.Equal((name, 10L), (name, equal));
        }
    }

    /// <summary>
    /// DuckDB writes data pages of version 1 only, and so does DMS as far as its files are known; this one has version 2 (from Apache's
    /// parquet-testing).
    /// </summary>
    [Fact]
    public async Task Data_pages_of_version_2_are_read()
    {
        var table = new TableDefinition
        {
            Schema = "public",
            Name = "pages",
            Target = "analytics.pages",
            Key = ["b"],
            Columns =
            [
                new() { From = "a", To = "a", Type = "text" }, new() { From = "b", To = "b", Type = "integer" },
                new() { From = "c", To = "c", Type = "double precision" }, new() { From = "d", To = "d", Type = "boolean" },
            ],
        };
        await Lake.PutBytesAsync(Lake.LoadKey(table, 1), await File.ReadAllBytesAsync(Asset("datapage_v2.snappy.parquet")));

        await MergeAsync(table);

        Assert.Equal(
            "(abc,1,2,t) (abc,2,3,t) (abc,3,4,t) (,4,5,f) (abc,5,2,t)",
            await Analytics.ScalarAsync<string>("SELECT string_agg((a, b, c, d)::text, ' ' ORDER BY b) FROM analytics.pages"));
    }

    private static string Asset(string name) => Path.Combine(AppContext.BaseDirectory, "Assets", name);
}
