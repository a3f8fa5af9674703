using System.Text.Json;
using System.Text.Json.Serialization;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Lake;
using CdcDms.Pipeline.Transcoding;

namespace CdcDms.Functions.Streaming;

/// <summary>
/// What Lambda gives to a function that reads a Kinesis stream (AWS: Using Lambda to process records from Amazon Kinesis Data Streams), as
/// far as it is needed. Lambda may add members, so unknown ones are passed over.
/// </summary>
internal sealed record KinesisEvent
{
    /// <summary>Neighbours in one shard, in their order.</summary>
    [JsonPropertyName("Records")]
    public required IReadOnlyList<KinesisEventRecord> Records { get; init; }

    /// <summary>The records as one batch, and the ARN of their stream.</summary>
    /// <exception cref="CdcDmsException">The input is no such event.</exception>
    public static (StreamBatch Batch, string Stream) Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json.Span, KinesisJson.Default.KinesisEvent)?.Batch()
                ?? throw new JsonException("it is null");
        }
        catch (JsonException fault)
        {
            throw Bad($"it is no event of a Kinesis stream ({fault.Path ?? "$"})", fault);
        }
    }

    private (StreamBatch Batch, string Stream) Batch()
    {
        if (Records is not [var first, ..])
            throw Bad("it has no record");
        var shard = first.Shard;
        if (Records.Any(record => record.Shard != shard))
            throw Bad("its records are of several shards");
        var milliseconds = (long)Math.Round(first.Kinesis.ApproximateArrivalTimestamp * 1000);
        var arrived = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).UtcDateTime;
        var range = ShardRange.Of(shard, first.Kinesis.SequenceNumber, Records[^1].Kinesis.SequenceNumber, arrived);
        var records = Records.Select(record => new StreamRecord(record.Kinesis.SequenceNumber, record.Kinesis.Data));
        return (new StreamBatch(range, [.. records]), first.EventSourceArn);
    }

    private static CdcDmsException Bad(string what, Exception? inner = null) =>
        new(ErrorKind.BadDefinition, $"The input of {FunctionNames.Stream} is wrong: {what}.", inner);
}

/// <summary>One record of the event.</summary>
internal sealed record KinesisEventRecord
{
    /// <summary>The shard's id and the record's sequence number, with a colon between them.</summary>
    [JsonPropertyName("eventID")]
    public required string EventId { get; init; }

    /// <summary>The stream.</summary>
    [JsonPropertyName("eventSourceARN")]
    public required string EventSourceArn { get; init; }

    /// <summary>The record itself.</summary>
    [JsonPropertyName("kinesis")]
    public required KinesisEventData Kinesis { get; init; }

    /// <summary>The shard's id.</summary>
    [JsonIgnore]
    public string Shard => EventId.Split(':')[0];
}

/// <summary>A record as Kinesis has it.</summary>
internal sealed record KinesisEventData
{
    /// <summary>Its number in the shard.</summary>
    [JsonPropertyName("sequenceNumber")]
    public required string SequenceNumber { get; init; }

    /// <summary>Its bytes; the event has them in base64.</summary>
    [JsonPropertyName("data")]
    public required byte[] Data { get; init; }

    /// <summary>When it came into the stream, in seconds since 1970 with a fraction.</summary>
    [JsonPropertyName("approximateArrivalTimestamp")]
    public required double ApproximateArrivalTimestamp { get; init; }
}

[JsonSourceGenerationOptions(RespectNullableAnnotations = true)]
[JsonSerializable(typeof(KinesisEvent))]
internal sealed partial class KinesisJson : JsonSerializerContext;
