using CdcDms.Contract.Changes;
using CdcDms.Local.Tests.Capture;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.ChangeFiles;

/// <summary>
/// The physical form of the capture's files beside that of the file that DMS itself has written (docs/dms-contract.md#sample-file).
/// </summary>
public sealed class DmsFormTests(TestServers servers)
{
    private static readonly string[] Columns =
    [
        ChangeColumns.Timestamp, "id", "my_int", "my_smallint", "my_numeric", "my_real", "my_double", "my_money", "my_varchar", "my_text",
        "my_bytea", "my_timestamp", "my_uuid", "my_json", "my_jsonb", "my_bool",
    ];

    private static readonly string[] Texts = [ChangeColumns.Timestamp, "my_varchar", "my_text", "my_uuid", "my_json", "my_jsonb"];

    /// <summary>Where the real file came from a task with other settings than the deployed one.</summary>
    private static readonly (string[] Columns, string Property, string Real, string Ours)[] OtherSettings =
    [
        (["file"], "format_version", "2", "1"), // ParquetVersion
        (["my_timestamp"], "converted_type", "TIMESTAMP_MILLIS", "TIMESTAMP_MICROS"), // ParquetTimestampInMillisecond
        (Columns, "codec", "UNCOMPRESSED", "GZIP"), // CompressionType
    ];

    /// <summary>What Parquet.Net cannot write as DMS does. No reader takes a value for another because of it.</summary>
    private static readonly (string[] Columns, string Property, string Real, string Ours)[] LibraryCannot =
    [
        (["file"], "created_by", "AWS", "Parquet.Net"),
        (["file"], "root", "schema", "root"),
        (["id"], "converted_type", "∅", "INT_64"),
        (["my_int"], "converted_type", "∅", "INT_32"),
        // A logical type beside the converted one; timestamps and dates have none here either.
        ([.. Texts, "id", "my_int", "my_smallint", "my_numeric", "my_money"], "has a logical type", "false", "true"),
        // Smallest and largest values of texts, bytes and booleans are not in the footer; those of decimals are.
        ([.. Texts, "my_bytea", "my_bool"], "has bounds", "true", "false"),
        (["my_numeric", "my_money"], "has bounds", "false", "true"),
    ];

    [Fact]
    public async Task A_file_has_the_form_of_the_real_one_but_for_known_differences()
    {
        await using var test = await CaptureTest.StartAsync(
            servers,
            """
            CREATE TABLE dms_test_table (
              id bigint PRIMARY KEY, my_int int, my_smallint smallint, my_numeric numeric(15,2), my_real real, my_double double precision,
              my_money money, my_varchar varchar(20), my_text text, my_bytea bytea, my_timestamp timestamp, my_uuid uuid, my_json json,
              my_jsonb jsonb, my_bool boolean);
            INSERT INTO dms_test_table
            SELECT i, i, i, i, i, i, i::numeric::money, i, i, i::text::bytea, '2026-01-01', gen_random_uuid(), '{}', '{}', true
            FROM generate_series(1, 10) i
            """,
            "public.dms_test_table");
        await test.RunAsync();

        var real = PhysicalForm.Of(test, Path.Combine(AppContext.BaseDirectory, "Assets", "dms_test_table_LOAD00000001.parquet"));
        var ours = PhysicalForm.Of(test, await test.FetchAsync("g001/public/dms_test_table/LOAD00000001.parquet"));

        var differences = real
            .Select(fact => (Name: fact.Key.Replace("DMS_TIMESTAMP", ChangeColumns.Timestamp, StringComparison.Ordinal), fact.Value))
            .Where(fact => ours[fact.Name] != fact.Value)
            .Select(fact => Sentence(fact.Name, fact.Value, ours[fact.Name].Split(" version")[0]));
        var expected = OtherSettings.Concat(LibraryCannot)
            .SelectMany(known => known.Columns.Select(column => Sentence($"{column}: {known.Property}", known.Real, known.Ours)));
        Assert.Equal(expected.Order(StringComparer.Ordinal), differences.Order(StringComparer.Ordinal));
        Assert.Equal(
            Columns.Select(column => $"{column}: type").Prepend("Op: type").Append("cdc_change_seq: type"),
            ours.Keys.Where(fact => fact.EndsWith(": type", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_column_that_the_real_file_lacks_has_the_form_that_DMS_documents()
    {
        await using var test = await CaptureTest.StartAsync(
            servers, "CREATE TABLE t (id int PRIMARY KEY, d date NOT NULL, t time, z timetz)", "public.t");
        await test.RunAsync();
        await test.RunAsync("INSERT INTO t VALUES (1, '2026-01-01', '01:02', '01:02')");

        var file = PhysicalForm.Of(test, await test.FetchAsync((await test.KeysAsync("g001/public/t/")).Single()));

        (string Column, string Type, string Converted, string Repetition)[] documented =
        [
            ("Op", "BYTE_ARRAY", "UTF8", "REQUIRED"),
            ("cdc_timestamp", "BYTE_ARRAY", "UTF8", "REQUIRED"),
            ("d", "INT32", "DATE", "OPTIONAL"),
            ("t", "INT32", "TIME_MILLIS", "OPTIONAL"),
            ("z", "INT32", "TIME_MILLIS", "OPTIONAL"),
            ("cdc_change_seq", "BYTE_ARRAY", "UTF8", "OPTIONAL"),
        ];
        Assert.All(documented, expected => Assert.Equal(
            (expected, "version 1"),
            (Form(expected.Column), file[$"{expected.Column}: page"])));

        (string Column, string Type, string Converted, string Repetition) Form(string column) =>
            (column, file[$"{column}: type"], file[$"{column}: converted_type"], file[$"{column}: repetition_type"]);
    }

    private static string Sentence(string fact, string real, string ours) => $"{fact}: {real}, here {ours}";
}
