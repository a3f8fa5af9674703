using System.Globalization;
using System.Text;
using CdcDms.Contract.Changes;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Transcoding;

namespace CdcDms.Benchmarks.Transcoding;

/// <summary>Messages of a stream that become change files, without their uploads, on one thread.</summary>
internal static class TranscodingWorks
{
    // About what Lambda gives to one call: 6 MB of base64 (AWS: Lambda quotas).
    private const int RecordsOfCall = 8000;

    private static readonly TableDefinition Orders = new()
    {
        Schema = "public",
        Name = "orders",
        Target = "analytics.orders",
        Key = ["id"],
        Columns =
        [
            Column("id", "bigint"), Column("customer", "integer"), Column("status", "text"), Column("total", "numeric(12,2)"),
            Column("paid", "boolean"), Column("ordered_at", "timestamptz"),
        ],
    };

    /// <summary>All of them.</summary>
    /// <param name="scale">By how much the calls are multiplied.</param>
    public static MeasurementGroup Group(double scale) => new("transcoding", $"{"work",-34}{"rows",10}{"rows/s (lowest–highest)",28}",
    [
        new("messages of six columns", async (_, rounds) =>
        {
            var calls = Math.Max(1, (int)(20 * scale));
            List<StreamRecord> all = Records();
            var range = ShardRange.Of("shardId-000000000000", all[0].SequenceNumber, all[^1].SequenceNumber, DateTime.UtcNow);
            var records = new StreamBatch(range, all);
            var rates = new List<double>();
            Take(records, 1);
            for (var round = 0; round < rounds; round++)
            {
                var taken = await Elapsed.OfAsync(() =>
                {
                    Take(records, calls);
                    return Task.CompletedTask;
                });
                rates.Add(calls * records.Records.Count / taken.TotalSeconds);
            }

            var spread = Spread.Of(rates);
            return (spread, $"{"messages of six columns",-34}{calls * records.Records.Count,10}{spread.AsWholeNumbers,28}");
        }),
    ]);

    private static void Take(StreamBatch records, int calls)
    {
        var tables = DefinedTables.Of([Orders]);
        for (var call = 0; call < calls; call++)
        {
            using var copy = new ParquetCopy();
            foreach (var file in TranscodedBatch.Read(records, tables).Files)
                copy.Write(file, CancellationToken.None);
            copy.KeepDuckDb();
        }
    }

    private static List<StreamRecord> Records() => [.. Enumerable.Range(1, RecordsOfCall).Select(id => new StreamRecord(
        id.ToString(CultureInfo.InvariantCulture),
        Encoding.UTF8.GetBytes(
            $"{{\"data\":{{\"id\":{id},\"customer\":{id * 7919 % 100_000},\"status\":\"shipped {id % 9}\","
            + $"\"total\":{id % 1000}.{id % 90 + 10},"
            + $"\"paid\":{(id % 3 == 0 ? "true" : "false")},\"ordered_at\":\"2026-11-28T10:{id % 60:D2}:00.123456Z\","
            + $"\"cdc_change_seq\":\"{ChangeSequence.From(id)}\"}},\"before-image\":{{}},\"metadata\":{{"
            + "\"timestamp\":\"2026-11-28T10:00:00.223456Z\",\"record-type\":\"data\",\"operation\":\"update\","
            + "\"partition-key-type\":\"primary-key\",\"schema-name\":\"public\",\"table-name\":\"orders\","
            + $"\"transaction-id\":{id},\"transaction-record-id\":1,\"prev-transaction-id\":{id - 1},\"prev-transaction-record-id\":1,"
            + "\"commit-timestamp\":\"2026-11-28T10:00:00.123456Z\","
            + "\"stream-position\":\"00000002/7C007328.2.00000002/7C007328\"}}")))];

    private static ColumnMapping Column(string name, string type) => new() { From = name, To = name, Type = type };
}
