namespace CdcDms.Pipeline.Tests.Transcoding;

/// <summary>Messages as DMS writes them with every setting that this route has.</summary>
internal static class Messages
{
    public const string Committed = "2026-11-28T10:00:00.123456Z";

    /// <summary>A change of a row of <c>public.people</c>.</summary>
    /// <param name="operation">insert, update or delete.</param>
    /// <param name="sequence">The number of its change sequence.</param>
    /// <param name="data">Members of the row: <c>"id":1,"name":"ada"</c>.</param>
    /// <param name="before">Members of the old key.</param>
    public static string Change(
        string operation, long sequence, string data, string? before = null, string table = "people", string committed = Committed,
        string schema = "public") =>
        "{\"data\":{" + data + $",\"cdc_change_seq\":\"{TestLake.Sequence(sequence)}\"}}," + Before(before) + "\"metadata\":"
        + Metadata(operation, table, schema) + $",\"commit-timestamp\":\"{committed}\","
        + """
            "transaction-id":1140,"transaction-record-id":1,"prev-transaction-id":1139,"prev-transaction-record-id":1,
            "stream-position":"00000002/7C007328.2.00000002/7C007328"}}
            """.ReplaceLineEndings("");

    /// <summary>A marker.</summary>
    public static string Marker(int number, long sequence, string operation = "insert") => Change(
        operation,
        sequence,
        $"\"number\":{number},\"id\":\"00000000-0000-4000-8000-{number:D12}\",\"interval_seconds\":60,"
            + "\"written_at\":\"2026-11-28T10:00:00.1Z\"",
        table: "marker",
        schema: "cdcdms");

    /// <summary>A row of a full load, which has no member of a transaction.</summary>
    public static string Load(string data, string table = "people") =>
        "{\"data\":{" + data + "},\"metadata\":" + Metadata("load", table, "public") + "}}";

    /// <summary>A message about a table.</summary>
    public static string Control(string operation, string schema = "public", string table = "people") => $$$"""
        {"control":{},"metadata":{"timestamp":"2026-11-28T10:00:00.2Z","record-type":"control","operation":"{{{operation}}}",
        "partition-key-type":"task-id","partition-key-value":"DZ6OKLFYA5BWVG4RYROQUHXU4E","schema-name":"{{{schema}}}",
        "table-name":"{{{table}}}"}}
        """.ReplaceLineEndings("");

    private static string Before(string? before) => before is null ? "" : "\"before-image\":{" + before + "},";

    private static string Metadata(string operation, string table, string schema) =>
        "{\"timestamp\":\"2026-11-28T10:00:00.223456Z\",\"record-type\":\"data\",\"partition-key-type\":\"primary-key\","
        + $"\"operation\":\"{operation}\",\"schema-name\":\"{schema}\",\"table-name\":\"{table}\"";
}
