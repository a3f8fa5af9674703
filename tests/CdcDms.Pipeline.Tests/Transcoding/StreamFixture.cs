using System.Globalization;
using System.Text;
using Amazon.S3;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Transcoding;
using Microsoft.Extensions.Time.Testing;

namespace CdcDms.Pipeline.Tests.Transcoding;

/// <summary>A stream of one shard before a lake.</summary>
public abstract class StreamFixture(TestServers servers) : MergeFixture(servers)
{
    private static readonly DateTime Arrived = new(2026, 11, 28, 10, 0, 1, DateTimeKind.Utc);

    private long _records;

    /// <summary>The next records of the shard.</summary>
    private protected StreamBatch Next(params IEnumerable<byte[]> records)
    {
        List<StreamRecord> batch = [.. records.Select(data => new StreamRecord(Number(++_records), data))];
        return BatchOf("shardId-000000000000", batch);
    }

    private protected StreamBatch Next(params IEnumerable<string> messages) => Next(messages.Select(Encoding.UTF8.GetBytes));

    /// <summary>Records of a shard as Lambda gives them to the function.</summary>
    private protected static StreamBatch BatchOf(string shard, IReadOnlyList<StreamRecord> records) =>
        new(ShardRange.Of(shard, records[0].SequenceNumber, records[^1].SequenceNumber, Arrived), records);

    /// <summary>A sequence number of 56 digits, as Kinesis has them.</summary>
    private protected static string Number(long number) =>
        $"4966445921321450604927202992{number.ToString("D28", CultureInfo.InvariantCulture)}";

    /// <summary>The clock of the transcoder: the day on which <see cref="Messages.Committed"/> is, until a test moves it.</summary>
    private protected FakeTimeProvider StreamClock { get; } = new(Arrived);

    /// <summary>What markers are passed on to.</summary>
    private protected SimulatedStream Stream { get; } = new();

    /// <summary>A transcoder of some tables.</summary>
    private protected Transcoder TranscoderOf(IAmazonS3 s3, params IReadOnlyList<TableDefinition> tables) =>
        new(s3, Lake.Uri, Lake.Generation, DefinedTables.Of(tables), Stream, StreamClock);

    /// <summary>Transcodes a batch; the counts balance.</summary>
    private protected async Task<StreamOutput> TranscodeAsync(StreamBatch batch, params IReadOnlyList<TableDefinition> tables)
    {
        var output = await TranscoderOf(Servers.S3, tables).RunAsync(batch, TestContext.Current.CancellationToken);
        Assert.True(output.Balance(), output.ToString());
        return output;
    }

    private protected Task<StreamOutput> StreamAsync(TableDefinition table, params IEnumerable<string> messages) =>
        TranscodeAsync(Next(messages), table);

    /// <summary>Merges the markers of the lake.</summary>
    private protected Task MarkersAsync() =>
        new MarkerJob(Lake.Reader, Analytics.ConnectionString).MergeAsync(TestContext.Current.CancellationToken);

    /// <summary>The newest marker that has come into the lake, whether it was merged or not.</summary>
    private protected Task<MarkerPoint?> NewestInLakeAsync() =>
        new LakeMarkers(Lake.Reader, StreamClock).NewestAsync(TestContext.Current.CancellationToken);

    /// <summary>The objects of the lake with their bytes.</summary>
    private protected async Task<Dictionary<string, string>> ObjectsAsync()
    {
        var objects = new Dictionary<string, string>(StringComparer.Ordinal);
        await foreach (var found in Lake.Reader.ListAsync(Lake.Uri.Key(""), null, TestContext.Current.CancellationToken))
            objects[found.Key[Lake.Uri.Key("").Length..]] = Convert.ToHexString(await Lake.BytesAsync(found.Key));
        return objects;
    }
}
