namespace CdcDms.Pipeline.Tests.Transcoding;

/// <summary>
/// Messages as DMS really wrote them, with the values that the sources had. None of the recordings has the rule that adds
/// <c>cdc_change_seq</c>; where a change is to be merged, it is added.
/// </summary>
public sealed class RecordedMessageTests(TestServers servers) : StreamFixture(servers)
{
    // Recorded in July 2024 from PostgreSQL by DMS serverless, as shown in the tests of crate/commons-codec.
    private const string Insert = """
        {"data":{"age":31,"attributes":"{\"baz\": \"qux\"}","id":46,"name":"Jane"},"metadata":{
        "commit-timestamp":"2024-07-29T00:58:17.974340Z","operation":"insert","partition-key-type":"schema-table",
        "record-type":"data","schema-name":"public",
        "stream-position":"00000002/7C007178.3.00000002/7C007178","table-name":"foo","timestamp":"2024-07-29T00:58:17.983670Z",
        "transaction-id":1139,"transaction-record-id":1}}
        """;

    private const string Load = """
        {"data":{"age":30,"attributes":"{\"foo\": \"bar\"}","id":42,"name":"John"},"metadata":{"operation":"load",
        "partition-key-type":"primary-key","partition-key-value":"public.foo.42","record-type":"data","schema-name":"public",
        "table-name":"foo","timestamp":"2024-07-29T00:57:35.691762Z"}}
        """;

    private const string Update = """
        {"before-image":{},"data":{"age":33,"attributes":"{\"foo\": \"bar\"}","id":42,"name":"John"},"metadata":{
        "commit-timestamp":"2024-07-29T00:58:44.886717Z","operation":"update","partition-key-type":"schema-table",
        "prev-transaction-id":1139,"prev-transaction-record-id":1,"record-type":"data","schema-name":"public",
        "stream-position":"00000002/7C007328.2.00000002/7C007328","table-name":"foo","timestamp":"2024-07-29T00:58:44.895275Z",
        "transaction-id":1140,"transaction-record-id":1}}
        """;

    private const string UpdateOfKey = """
        {"before-image":{"id":46},"data":{"age":31,"attributes":"{\"baz\": \"qux\"}","id":45,"name":"Jane"},"metadata":{
        "commit-timestamp":"2024-07-29T00:59:07.678294Z","operation":"update","partition-key-type":"schema-table",
        "prev-transaction-id":1140,"prev-transaction-record-id":1,"record-type":"data","schema-name":"public",
        "stream-position":"00000002/7C0073F8.2.00000002/7C0073F8","table-name":"foo","timestamp":"2024-07-29T00:59:07.686557Z",
        "transaction-id":1141,"transaction-record-id":1}}
        """;

    private const string Delete = """
        {"data":{"age":null,"attributes":null,"id":45,"name":null},"metadata":{"commit-timestamp":"2024-07-29T01:09:25.366257Z",
        "operation":"delete","partition-key-type":"schema-table","prev-transaction-id":1141,"prev-transaction-record-id":1,
        "record-type":"data","schema-name":"public","stream-position":"00000002/840001D8.2.00000002/840001D8","table-name":"foo",
        "timestamp":"2024-07-29T01:09:25.375525Z","transaction-id":1144,"transaction-record-id":1}}
        """;

    // Recorded in June 2025, a full load of PostgreSQL by an instance, as shown in the examples of crate/cratedb-toolkit.
    private const string Intervals = """
        {"data":{"c":"1 day","d":"01:00:00","e":"-00:01:00","f":"00:00:01.02999","h":"1 day 04:00:00","i":"1 day 00:17:00",
        "j":"-1 days -01:42:30","k":"01:02:00","l":"01:01:53.000037","m":"00:01:03.002009"},"metadata":{
        "timestamp":"2025-06-21T12:06:50.035932Z","record-type":"data","operation":"load","partition-key-type":"schema-table",
        "schema-name":"public","table-name":"intervals"}}
        """;

    private const string StatusOfDms = """
        {"data":{"server_name":"ip-172-23-0-106","task_name":"DZ6OKLFYA5BWVG4RYROQUHXU4E","task_status":"NOT RUNNING"},"before-image":{
        "server_name":"ip-172-23-0-106","task_name":"DZ6OKLFYA5BWVG4RYROQUHXU4E"},"metadata":{"timestamp":"2025-06-21T12:06:46.095874Z",
        "record-type":"data","operation":"update","partition-key-type":"schema-table","schema-name":"","table-name":"awsdms_status"}}
        """;

    private const string DropOfTable = """
        {"control":{},"metadata":{"timestamp":"2025-06-21T12:06:50.209026Z","record-type":"control","operation":"drop-table",
        "partition-key-type":"task-id","partition-key-value":"DZ6OKLFYA5BWVG4RYROQUHXU4E","schema-name":"public","table-name":"films"}}
        """;

    // Recorded in December 2022 with the endpoint's default settings, as shown in a test of fiffeek/beeflow.
    private const string Bytes = """
        {"data":{"task_id":"run_this_last","run_id":"manual__2022-12-18T19:28:42.442556+00:00","try_number":0,
        "executor_config":"0x80057D942E","map_index":-1},"metadata":{"timestamp":"2022-12-18T19:28:42.524922Z","record-type":"data",
        "operation":"insert","partition-key-type":"schema-table","schema-name":"public","table-name":"task_instance",
        "transaction-id":364547}}
        """;

    // With the endpoint's default settings a message about a table has no member control (LocalStack's recordings of DMS).
    private const string CreateOfTable = """
        {"metadata":{"timestamp":"2024-08-04T10:50:10.584772Z","record-type":"control","operation":"create-table",
        "partition-key-type":"task-id","schema-name":"","table-name":"awsdms_apply_exceptions"}}
        """;

    private static readonly TableDefinition Foo = Define(
        "foo", ["id"], ("id", "integer"), ("name", "text"), ("age", "integer"), ("attributes", "jsonb"));

    [Fact]
    public async Task A_load_an_insert_an_update_a_changed_key_and_a_delete_give_the_rows_that_the_source_had()
    {
        await StreamAsync(Foo, Load, At(1, Insert), At(2, Update), At(3, UpdateOfKey));
        await MergeAsync(Foo);
        await AssertAnswerAsync<string>("42 John 33 bar, 45 Jane 31 qux", Rows);

        await StreamAsync(Foo, At(4, Delete));
        await MergeAsync(Foo);

        await AssertAnswerAsync<string>("42 John 33 bar", Rows);
    }

    [Fact]
    public async Task Intervals_are_those_of_the_source()
    {
        var columns = "cdefhijklm".Select(letter => ($"{letter}", "interval")).ToArray();
        var table = Define("intervals", ["c"], columns);
        await StreamAsync(table, Intervals);

        await MergeAsync(table);

        await AssertAnswerAsync<bool>(
            true,
            "SELECT (d, e, f, h, i, j, k, l, m) = (interval '1 hour', interval '-1 minute', interval '1.02999 seconds', "
            + "interval '1 day 4 hours', interval '1 day 17 minutes', interval '-1 day -1 hour -42 minutes -30 seconds', "
            + "interval '1 hour 2 minutes', interval '1 hour 1 minute 53.000037 seconds', interval '1 minute 3.002009 seconds') "
            + "FROM analytics.intervals WHERE c = interval '1 day'");
    }

    [Fact]
    public async Task Bytes_are_bytes_and_a_message_of_default_settings_is_kept_with_the_setting_that_it_lacks()
    {
        var table = Define("task_instance", ["task_id"], ("task_id", "text"), ("executor_config", "bytea"));

        var without = await StreamAsync(table, Bytes);
        await StreamAsync(table, At(1, Bytes.Replace(
            "\"transaction-id\"", "\"commit-timestamp\":\"2022-12-18T19:28:42.524000Z\",\"transaction-id\"", StringComparison.Ordinal)));
        await MergeAsync(table);

        Assert.Equal(1, without.Rejected);
        Assert.Contains(
            "IncludeTransactionDetails", System.Text.Encoding.UTF8.GetString(await Lake.BytesAsync(without.Rejects!)),
            StringComparison.Ordinal);
        await AssertAnswerAsync<string>("80057d942e", "SELECT encode(executor_config, 'hex') FROM analytics.task_instance");
    }

    [Fact]
    public async Task What_holds_no_row_of_a_captured_table_is_counted()
    {
        var output = await StreamAsync(Foo, StatusOfDms, DropOfTable, CreateOfTable);

        Assert.Equal((3, 2, 1, 0), (output.Read, output.Control, output.Ignored, output.Rejected));
        Assert.Empty(output.Alterations);
    }

    private const string Rows =
        "SELECT string_agg(concat_ws(' ', id, name, age, coalesce(attributes->>'foo', attributes->>'baz')), ', ' ORDER BY id) "
        + "FROM analytics.foo";

    private static string At(long sequence, string message) => message.Replace(
        "\"data\":{", $"\"data\":{{\"cdc_change_seq\":\"{TestLake.Sequence(sequence)}\",", StringComparison.Ordinal);

    private static TableDefinition Define(string name, string[] key, params (string Name, string Type)[] columns) => new()
    {
        Schema = "public",
        Name = name,
        Target = $"analytics.{name}",
        Key = key,
        Columns = [.. columns.Select(column => new ColumnMapping { From = column.Name, To = column.Name, Type = column.Type })],
    };
}
