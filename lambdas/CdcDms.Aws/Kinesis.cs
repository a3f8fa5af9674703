using System.Text.Json.Serialization;

namespace CdcDms.Aws;

/// <summary>A Kinesis stream: the operations that reading its shards and putting single records needs.</summary>
/// <remarks>All throw <see cref="AwsException"/> when Kinesis refuses or does not answer.</remarks>
/// <param name="aws">Kinesis.</param>
/// <param name="streamName">The stream, of the caller's account and region.</param>
public sealed class Kinesis(AwsApi aws, string streamName)
{
    /// <summary>The service's name in signatures.</summary>
    public const string Service = "kinesis";

    /// <summary>The SDKs' variable that moves the service elsewhere.</summary>
    public const string EndpointVariable = "AWS_ENDPOINT_URL_KINESIS";

    private const string OpenOnly = "AT_LATEST";

    private readonly AwsJsonApi _json = new(aws, "1.1", "Kinesis_20131202");

    /// <summary>The shards that take records now.</summary>
    public async Task<IReadOnlyList<Shard>> OpenShardsAsync(CancellationToken cancellationToken)
    {
        List<Shard> shards = [];
        string? next = null;
        do
        {
            // A page that goes on names neither stream nor filter (AWS: Kinesis, ListShards).
            var request = next is null ? new ListShards(streamName, new ShardFilter(OpenOnly), null) : new ListShards(null, null, next);
            var page = await _json.CallAsync(
                "ListShards", request, KinesisCallJson.Default.ListShards, KinesisCallJson.Default.ShardsPage, cancellationToken);
            shards.AddRange(page.Shards);
            next = page.NextToken;
        }
        while (next is not null);
        // Other servers than AWS's do not always know the filter.
        return [.. shards.Where(shard => shard.IsOpen)];
    }

    /// <summary>Puts a record.</summary>
    /// <param name="partitionKey">Decides the shard, unless a hash key does.</param>
    /// <param name="hashKey">Decides the shard: the one whose range has this key. Null for that of the partition key.</param>
    /// <param name="data">The record's bytes.</param>
    /// <param name="cancellationToken">Ends the call; then the record may be there or not.</param>
    /// <returns>The id of the shard that took the record.</returns>
    public async Task<string> PutAsync(
        string partitionKey, string? hashKey, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        (await _json.CallAsync(
            "PutRecord", new PutRecord(streamName, partitionKey, hashKey, data),
            KinesisCallJson.Default.PutRecord, KinesisCallJson.Default.PutAnswer, cancellationToken)).ShardId;
}

/// <summary>A shard as Kinesis lists it.</summary>
/// <param name="ShardId">Its id.</param>
/// <param name="HashKeyRange">The hash keys of its records.</param>
/// <param name="SequenceNumberRange">Which records it may have.</param>
public sealed record Shard(string ShardId, HashKeyRange HashKeyRange, SequenceNumberRange SequenceNumberRange)
{
    /// <summary>Whether it takes records.</summary>
    public bool IsOpen => SequenceNumberRange.EndingSequenceNumber is null;
}

/// <summary>The numbers of a shard's records.</summary>
/// <param name="EndingSequenceNumber">The last; null while it takes records.</param>
public sealed record SequenceNumberRange(string? EndingSequenceNumber);

/// <summary>A range of hash keys: decimal numbers of at most 128 bits, both inclusive.</summary>
public sealed record HashKeyRange(string StartingHashKey, string EndingHashKey);

internal sealed record ShardFilter(string Type);

internal sealed record ListShards(string? StreamName, ShardFilter? ShardFilter, string? NextToken);

internal sealed record ShardsPage(IReadOnlyList<Shard> Shards, string? NextToken);

internal sealed record PutRecord(string StreamName, string PartitionKey, string? ExplicitHashKey, ReadOnlyMemory<byte> Data);

internal sealed record PutAnswer(string ShardId);

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ListShards))]
[JsonSerializable(typeof(ShardsPage))]
[JsonSerializable(typeof(PutRecord))]
[JsonSerializable(typeof(PutAnswer))]
internal sealed partial class KinesisCallJson : JsonSerializerContext;
