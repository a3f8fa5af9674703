using System.Buffers;
using System.Text;
using System.Text.Json;
using CdcDms.Contract.Changes;
using CdcDms.Contract.Tables;
using CdcDms.DuckDb;
using DuckDB.NET.Native;

namespace CdcDms.Local.Streaming;

/// <summary>
/// The messages that DMS would write into a stream for the rows of a change file (AWS: Using Amazon Kinesis Data Streams as a target): one
/// line of JSON each, with NULLs and the time of the commit.
/// </summary>
internal static class DmsMessages
{
    /// <summary>Reads a file's rows as messages.</summary>
    /// <param name="connection">DuckDB.</param>
    /// <param name="path">The file.</param>
    /// <param name="table">Its table, with its key.</param>
    /// <param name="isLoad">Whether its rows are of a full load.</param>
    /// <param name="madeUtc">When the messages are made.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static IEnumerable<PutEntry> Read(
        DuckDbConnection connection, string path, TableDefinition table, bool isLoad, DateTime madeUtc, CancellationToken cancellationToken)
    {
        var source = $"read_parquet({DuckDbSql.Literal(path)}, hive_partitioning = false)";
        IReadOnlyList<DuckDbColumn> columns;
        using (var shape = connection.Query($"SELECT * FROM {source} LIMIT 0", cancellationToken))
            columns = shape.Columns;
        using var rows = connection.Query($"SELECT {string.Join(", ", columns.Select(Text))} FROM {source}", cancellationToken);
        var message = new ArrayBufferWriter<byte>();
        while (rows.Next(out var chunk))
            for (var row = 0; row < chunk.Rows; row++)
            {
                var values = columns.Select((_, column) => chunk[column].Text(row)).ToList();
                message.ResetWrittenCount();
                Write(message, table.Source, columns, values, isLoad, madeUtc);
                yield return new PutEntry(PartitionKey(table, columns, values), message.WrittenSpan.ToArray());
            }
    }

    // How DMS writes values of each type: docs/dms-contract.md#kinesis.
    private static string Text(DuckDbColumn column)
    {
        var name = DuckDbSql.Identifier(column.Name);
        return column.Type switch
        {
            DuckDBType.Blob => $"'0x' || hex({name})",
            DuckDBType.Timestamp or DuckDBType.TimestampMs or DuckDBType.TimestampNs or DuckDBType.TimestampTz =>
                $"CASE WHEN isfinite({name}) THEN strftime({name}::TIMESTAMP, '%Y-%m-%dT%H:%M:%S.%fZ') ELSE {name}::VARCHAR END",
            _ => $"{name}::VARCHAR",
        };
    }

    private static void Write(
        IBufferWriter<byte> into, TableName table, IReadOnlyList<DuckDbColumn> columns, List<string?> values, bool isLoad, DateTime madeUtc)
    {
        using var json = new Utf8JsonWriter(into);
        json.WriteStartObject();
        json.WriteStartObject("data");
        var (operation, committed) = ("", "");
        for (var column = 0; column < columns.Count; column++)
            if (columns[column].Name == ChangeColumns.Operation)
                operation = values[column];
            else if (columns[column].Name == ChangeColumns.Timestamp)
                committed = values[column];
            else if (!isLoad || columns[column].Name != ChangeColumns.Sequence)
                Write(json, columns[column], values[column]);
        json.WriteEndObject();
        json.WriteStartObject("metadata");
        json.WriteString("timestamp", madeUtc);
        json.WriteString("record-type", "data");
        json.WriteString("operation", isLoad ? "load" : operation switch { "I" => "insert", "U" => "update", _ => "delete" });
        json.WriteString("partition-key-type", "primary-key");
        json.WriteString("schema-name", table.Schema);
        json.WriteString("table-name", table.Name);
        if (!isLoad)
            json.WriteString("commit-timestamp", $"{committed!.Replace(' ', 'T')}Z");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, DuckDbColumn column, string? value)
    {
        if (value is null)
            json.WriteNull(column.Name);
        // What is no JSON number (NaN, infinity) is a text.
        else if (IsPlain(column.Type) && (char.IsAsciiDigit(value[^1]) || value is "true" or "false"))
        {
            json.WritePropertyName(column.Name);
            json.WriteRawValue(Encoding.UTF8.GetBytes(value));
        }
        else
            json.WriteString(column.Name, value);
    }

    private static bool IsPlain(DuckDBType type) => type is DuckDBType.Boolean or DuckDBType.TinyInt or DuckDBType.SmallInt
        or DuckDBType.Integer or DuckDBType.BigInt or DuckDBType.HugeInt or DuckDBType.Decimal or DuckDBType.Float or DuckDBType.Double;

    private static string PartitionKey(TableDefinition table, IReadOnlyList<DuckDbColumn> columns, List<string?> values)
    {
        const int most = 256;
        var key = string.Join('.', columns.Select((column, at) => (column.Name, Value: values[at]))
            .Where(column => table.Key!.Contains(column.Name)).Select(column => column.Value));
        var text = $"{table.Source}.{key}";
        return text.Length <= most ? text : text[..most];
    }
}
