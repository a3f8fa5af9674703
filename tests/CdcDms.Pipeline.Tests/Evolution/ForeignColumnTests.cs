namespace CdcDms.Pipeline.Tests.Evolution;

/// <summary>Columns of files that others than DMS have written: their names and types mean what such a writer means.</summary>
public sealed class ForeignColumnTests(TestServers servers) : MergeFixture(servers)
{
    private static readonly TableDefinition Fed =
        People with { Columns = null, Key = null, Feed = new TableFeed { Prefix = "processed/people/" } };

    private static readonly ColumnMapping Id = People.Columns![0];

    [Theory]
    [InlineData("uuid", "7::INTEGER", "INTEGER")]
    [InlineData("jsonb", "true", "BOOLEAN")]
    [InlineData("date", "1.5::DOUBLE", "DOUBLE")]
    [InlineData("money", "7::SMALLINT", "SMALLINT")]
    [InlineData("numeric(10,2)", "TIMESTAMP '2026-01-01'", "TIMESTAMP")]
    public async Task A_type_of_the_definition_to_which_PostgreSQL_has_no_cast_parks_the_table_with_a_sentence(
        string type, string value, string fileType)
    {
        var table = Fed with { Key = ["id"], Columns = [Id, new() { From = "name", To = "name", Type = type }] };
        var key = await PutAsync("part-0.parquet", $"SELECT 1 AS id, {value} AS name");

        await AssertRefusedAsync(
            table, ErrorKind.Parked, $"{key} have {fileType} in the column name", "no cast", "analytics.people.name", "as text");
    }

    [Fact]
    public async Task A_column_of_a_feed_may_have_a_name_that_DMS_keeps_for_itself()
    {
        var adding = Fed with { Key = ["id"], Columns = People.Columns, NewColumns = NewColumnPolicy.Add };
        await PutAsync(
            "part-0.parquet",
            "SELECT 1 AS id, 'ada' AS name, 7 AS \"Op\", 'noon' AS cdc_timestamp, 8 AS cdc_change_seq, 9 AS \"BI_id\"");

        Assert.Equal(new RowCounts { Read = 1, Inserted = 1 }, await MergeAsync(adding));

        await AssertAnswerAsync<string>(
            "7 noon 8 9", "SELECT concat_ws(' ', \"Op\", cdc_timestamp, cdc_change_seq, \"BI_id\") FROM analytics.people");
    }

    [Theory]
    [InlineData("5::INTEGER AS name, 1 AS at")]
    [InlineData("DATE '2026-01-01' AS name, 'noon' AS at")]
    public async Task A_file_without_rows_is_merged_whatever_types_its_columns_have(string columns)
    {
        var ordered = Fed with { Feed = new TableFeed { Prefix = Fed.Feed!.Prefix, OrderBy = "at" } };
        await TargetAsync("id integer PRIMARY KEY, name date");
        await PutAsync("part-0.parquet", $"SELECT 1 AS id, {columns} WHERE false");
        await PutAsync("part-1.parquet", "SELECT 1 AS id, DATE '2026-01-01' AS name, 1 AS at");
        await PutAsync("part-2.parquet", $"SELECT 1 AS id, {columns} WHERE false");

        Assert.Equal(new RowCounts { Read = 1, Inserted = 1 }, await MergeAsync(ordered));

        Assert.Equal("1=2026-01-01", await PeopleAsync());
        await AssertAnswerAsync<long>(3, "SELECT count(*) FROM cdc.files");
    }

    [Fact]
    public async Task Texts_of_a_feed_become_bytes_as_PostgreSQL_reads_them()
    {
        await TargetAsync("id integer PRIMARY KEY, name bytea");
        await PutAsync("part-0.parquet", "SELECT 1 AS id, '\\x41' AS name");

        await MergeAsync(Fed);

        await AssertAnswerAsync<string>("41", "SELECT encode(name, 'hex') FROM analytics.people");
    }

    [Theory]
    [InlineData("uuid", "NULL", "'3ab4a6a5-1c0e-4b65-9d6a-0a8a1f1f9d11'")]
    [InlineData("date", "NULL", "DATE '2026-01-02'")]
    [InlineData("timestamp without time zone", "NULL::BOOLEAN", "TIMESTAMP '2026-01-02 03:04:05'")]
    [InlineData("jsonb", "NULL", "'[1]'")]
    [InlineData("bytea", "NULL", "'\\x61'::BLOB")]
    [InlineData("text", "NULL::BLOB", "'a'")]
    [InlineData("boolean", "NULL::DOUBLE", "true")]
    [InlineData("smallint", "NULL::BIGINT", "7::SMALLINT")]
    public async Task A_column_without_any_value_has_no_type(string type, string nulls, string value)
    {
        await TargetAsync($"id integer PRIMARY KEY, name {type}");
        var typed = Fed with { Key = ["id"], Columns = [Id, new() { From = "name", To = "name", Type = type }] };
        foreach (var (number, table) in new[] { Fed, typed }.Index())
        {
            await Analytics.ExecuteAsync("DELETE FROM analytics.people");
            await PutAsync($"{number}-0.parquet", $"SELECT 1 AS id, {nulls} AS name UNION ALL SELECT 2, {nulls}");
            await MergeAsync(table);
            Assert.Equal("1=∅ 2=∅", await PeopleAsync());
            await PutAsync($"{number}-1.parquet", $"SELECT 2 AS id, {value} AS name");
            await PutAsync($"{number}-2.parquet", $"SELECT 1 AS id, {nulls} AS name");
            await MergeAsync(table);
        }

        await AssertAnswerAsync(true, "SELECT bool_and((name IS NULL) = (id = 1)) FROM analytics.people");
        await AssertAnswerAsync<string>(
            type, "SELECT format_type(atttypid, -1) FROM pg_attribute WHERE attrelid = 'analytics.people'::regclass AND attname = 'name'");
    }

    [Fact]
    public async Task A_new_column_is_added_with_the_type_of_its_first_value()
    {
        var adding = Fed with { Key = ["id"], Columns = People.Columns, NewColumns = NewColumnPolicy.Add };
        await PutAsync("part-0.parquet", "SELECT 1 AS id, 'ada' AS name, NULL AS extra");
        await MergeAsync(adding);
        await PutAsync("part-1.parquet", "SELECT 2 AS id, 'bob' AS name, 'x' AS extra UNION ALL SELECT 3, 'cyd', NULL");
        await PutAsync("part-2.parquet", "SELECT 4 AS id, 'dan' AS name, NULL AS extra");

        Assert.Equal(new RowCounts { Read = 3, Inserted = 3 }, await MergeAsync(adding));

        await AssertAnswerAsync<string>(
            "1∅ 2x 3∅ 4∅", "SELECT string_agg(id || coalesce(extra, '∅'), ' ' ORDER BY id) FROM analytics.people");
    }

    [Fact]
    public async Task A_key_or_an_order_without_any_value_is_put_aside()
    {
        await TargetAsync("id integer PRIMARY KEY, name text");
        var ordered = Fed with { Feed = new TableFeed { Prefix = Fed.Feed!.Prefix, OrderBy = "at" } };
        await PutAsync("part-0.parquet", "SELECT NULL AS id, 'ada' AS name, 1 AS at");
        await PutAsync("part-1.parquet", "SELECT 1 AS id, 'bob' AS name, NULL AS at");

        Assert.Equal(new RowCounts { Read = 2, Quarantined = 2 }, await MergeAsync(ordered));
    }

    private Task<string> PutAsync(string path, string select) => Lake.PutAsync(Lake.Uri.Key($"processed/people/{path}"), select);
}
