namespace CdcDms.Pipeline.Tests.Changes;

/// <summary>
/// The same rows in every form in which DMS can be told to write them become the same rows of the target
/// (docs/dms-contract.md#parquet-types).
/// </summary>
public sealed class FileFormTests(TestServers servers) : MergeFixture(servers)
{
    private const int Rows = 5000;

    // The times have milliseconds only, so that each unit holds them.
    private static readonly (string Name, string Type, string DuckDb, string Postgres)[] Columns =
    [
        ("id", "integer", "i::INTEGER", "i"),
        ("small", "smallint", "(i - 3000)::SMALLINT", "i - 3000"),
        ("big", "bigint", "i::BIGINT * -1500000000000000", "i::bigint * -1500000000000000"),
        ("few", "numeric(4,1)", "(i % 999)::DECIMAL(4,1)", "i % 999"),
        ("some", "numeric(15,2)", "(i * 1234567 / 100)::DECIMAL(15,2)", "round(i * 1234567.0 / 100, 2)"),
        ("many", "numeric(38,4)", "(i::HUGEINT * 1000000000000000000000000000000)::DECIMAL(38,4)", "i * 1000000000000000000000000000000"),
        ("real", "real", "(i / 7)::FLOAT", "(i::float8 / 7)::real"),
        ("double", "double precision", "i::DOUBLE / 7", "i::float8 / 7"),
        ("flag", "boolean", "i % 3 = 0", "i % 3 = 0"),
        ("day", "date", "DATE '1500-01-01' + i::INTEGER * 30", "date '1500-01-01' + i * 30"),
        ("clock", "time", "TIME '00:00:00' + to_milliseconds(i * 14399)", "time '00:00' + i * 14399 * interval '1 ms'"),
        (
            "moment",
            "timestamp",
            "TIMESTAMP '1890-01-01 00:00:00' + to_milliseconds(i * 1000000007)",
            "timestamp '1890-01-01' + i::bigint * 1000000007 * interval '1 ms'"),
        (
            "zoned",
            "timestamptz",
            "TIMESTAMP '2026-01-01 00:00:00' + to_milliseconds(i * 3600001)",
            "timestamptz '2026-01-01 00:00:00+00' + i::bigint * 3600001 * interval '1 ms'"),
        (
            "word",
            "text",
            "CASE i % 5 WHEN 0 THEN '' ELSE 'n' || (i % 700) || '😀' END",
            "CASE i % 5 WHEN 0 THEN '' ELSE 'n' || (i % 700) || '😀' END"),
        ("bytes", "bytea", "unhex(md5(i::VARCHAR))", "decode(md5(i::text), 'hex')"),
    ];

    private static readonly TableDefinition Table = new()
    {
        Schema = "public",
        Name = "forms",
        Target = "analytics.forms",
        Key = ["id"],
        Columns = [.. Columns.Select(column => new ColumnMapping { From = column.Name, To = column.Name, Type = column.Type })],
    };

    // What a file is: compression, dictionary, row groups, converted types of the times, number of logical types.
    private const string Form = """
        SELECT (SELECT string_agg(DISTINCT compression) FROM parquet_metadata({0})) || ', '
            || (SELECT if(bool_or(encodings LIKE '%DICTIONARY%'), 'dictionary', 'no dictionary') FROM parquet_metadata({0})) || ', '
            || (SELECT count(DISTINCT row_group_id) FROM parquet_metadata({0})) || ' groups, '
            || (SELECT string_agg(converted_type, ' ' ORDER BY name) FROM parquet_schema({0}) WHERE name IN ('clock', 'moment')) || ', '
            || (SELECT count(logical_type) FROM parquet_schema({0})) || ' logical types'
        """;

    /// <summary>
    /// Options of DuckDB's writer, the type of timestamps, what booleans are written as, whether the schema is made DMS's own; and what the
    /// file then is.
    /// </summary>
    public static TheoryData<string, string, string, bool, string> Forms => new()
    {
        {
            "COMPRESSION gzip, PARQUET_VERSION v1", "TIMESTAMP", "{0}", true,
            "GZIP, dictionary, 1 groups, TIME_MILLIS TIMESTAMP_MICROS, 0 logical types"
        },
        {
            "COMPRESSION gzip, PARQUET_VERSION v1, DICTIONARY_SIZE_LIMIT 0", "TIMESTAMP", "{0}", true,
            "GZIP, no dictionary, 1 groups, TIME_MILLIS TIMESTAMP_MICROS, 0 logical types"
        },
        {
            "COMPRESSION uncompressed, PARQUET_VERSION v1, ROW_GROUP_SIZE 2048", "TIMESTAMP_MS", "{0}", true,
            "UNCOMPRESSED, dictionary, 3 groups, TIME_MILLIS TIMESTAMP_MILLIS, 0 logical types"
        },
        {
            "COMPRESSION uncompressed, PARQUET_VERSION v2", "TIMESTAMP", "if({0}, 'true', 'false')", true,
            "UNCOMPRESSED, dictionary, 1 groups, TIME_MILLIS TIMESTAMP_MICROS, 0 logical types"
        },
        {
            "COMPRESSION gzip, PARQUET_VERSION v2, ROW_GROUP_SIZE 2048", "TIMESTAMP_MS", "if({0}, 't', 'f')", true,
            "GZIP, dictionary, 3 groups, TIME_MILLIS TIMESTAMP_MILLIS, 0 logical types"
        },
        {
            "COMPRESSION gzip, PARQUET_VERSION v2, DICTIONARY_SIZE_LIMIT 0", "TIMESTAMP_MS", "if({0}, '1', '0')", true,
            "GZIP, no dictionary, 1 groups, TIME_MILLIS TIMESTAMP_MILLIS, 0 logical types"
        },
        {
            "COMPRESSION gzip, PARQUET_VERSION v1", "TIMESTAMP", "{0}", false,
            "GZIP, dictionary, 1 groups, TIME_MICROS TIMESTAMP_MICROS, 6 logical types"
        },
        {
            "COMPRESSION gzip, PARQUET_VERSION v1", "TIMESTAMPTZ", "{0}", false,
            "GZIP, dictionary, 1 groups, TIME_MICROS TIMESTAMP_MICROS, 6 logical types"
        },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task The_same_rows_in_any_form_become_the_same_rows(
        string options, string timestamps, string boolean, bool legacy, string form)
    {
        string select(string source) => "SELECT " + string.Join(", ", Columns.Select(column =>
        {
            // Each third row is NULL, but not its key.
            var value = column.Type switch
            {
                "boolean" => string.Format(System.Globalization.CultureInfo.InvariantCulture, boolean, $"({column.DuckDb})"),
                "time" when legacy => "(i * 14399 % 86400000)::INTEGER",
                "timestamp" or "timestamptz" => $"CAST({column.DuckDb} AS {timestamps})",
                _ => column.DuckDb,
            };
            return $"{(column.Name == "id" ? value : $"CASE WHEN i % 7 > 0 THEN {value} END")} AS {column.Name}";
        })) + $" FROM {source}";
        // Half of the rows by the snapshot, without the columns that DMS adds; half by the stream, of which some were wrong before.
        await Lake.PutAsync(Lake.LoadKey(Table, 1), select($"range({Rows / 2}) r(i)"), options);
        var made = DateTime.UtcNow.Date;
        await Lake.PutAsync(
            Lake.CdcKey(Table, made, made),
            "SELECT 'I' AS \"Op\", *, lpad((id + 1)::VARCHAR, 35, '0') AS cdc_change_seq "
            + $"FROM ({select($"(SELECT unnest(range({Rows / 2}, {Rows})) AS i)")})"
            + $" UNION ALL SELECT 'U', *, lpad('9', 35, '0') FROM ({select($"range({Rows / 4}) r(i)")})", options);
        if (legacy)
            foreach (var key in new[] { Lake.LoadKey(Table, 1), Lake.CdcKey(Table, made, made) })
                await Lake.PutBytesAsync(key, LegacyFooter.Of(await Lake.BytesAsync(key), "clock"));
        Assert.Equal(form, await Lake.AskAsync(Lake.CdcKey(Table, made, made), Form));

        var rows = await MergeAsync(Table);

        Assert.Equal(new RowCounts { Read = Rows + Rows / 4, Inserted = Rows, Updated = Rows / 4 }, rows);
        foreach (var column in Columns)
            Assert.Equal(
                (column.Name, Rows),
                (column.Name, await Analytics.ScalarAsync<long>(
                    $"SELECT count(*) FROM analytics.forms JOIN generate_series(0, {Rows - 1}) i ON i = id "
                    + $"WHERE \"{column.Name}\" IS NOT DISTINCT FROM "
                    + (column.Name == "id" ? "i" : $"CASE WHEN i % 7 > 0 THEN CAST({column.Postgres} AS {column.Type}) END"))));
    }
}
