using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Amazon.Runtime;
using CdcDms.Aws;
using CdcDms.Contract;

namespace CdcDms.Local.Streaming;

/// <summary>The operations of Kinesis that a writer and a reader of one stream need.</summary>
/// <remarks>All throw <see cref="CdcDmsException"/> when Kinesis refuses or does not answer.</remarks>
internal sealed class StreamCalls
{
    /// <summary>The region that the stream is said to be in; nothing on this machine depends on it.</summary>
    public const string Region = "us-east-1";

    private const string Account = "000000000000";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly AwsJsonApi _kinesis;
    private readonly string _name;

    /// <param name="endpoint">Where the server is.</param>
    /// <param name="name">The stream's name.</param>
    public StreamCalls(Uri endpoint, string name)
    {
        var aws = new AwsApi(endpoint, Kinesis.Service, Region, new BasicAWSCredentials("local", "local"));
        (_kinesis, _name) = (new AwsJsonApi(aws, "1.1", "Kinesis_20131202"), name);
    }

    /// <summary>The stream's ARN.</summary>
    public string Arn => $"arn:aws:kinesis:{Region}:{Account}:stream/{_name}";

    /// <summary>Makes the stream; returns when it can be used.</summary>
    public async Task CreateAsync(int shards, CancellationToken cancellationToken)
    {
        await CallAsync("CreateStream", new StreamRequest { StreamName = _name, ShardCount = shards }, cancellationToken);
        await ActiveAsync(cancellationToken);
    }

    /// <summary>All shards, also those that take no more records.</summary>
    public async Task<IReadOnlyList<ListedShard>> ShardsAsync(CancellationToken cancellationToken) =>
        (await CallAsync<ListedShards>("ListShards", new StreamRequest { StreamName = _name }, cancellationToken)).Shards;

    /// <summary>Splits a shard in the middle of its hash keys; returns when the stream can be used again.</summary>
    public async Task SplitAsync(ListedShard shard, CancellationToken cancellationToken)
    {
        var request = new StreamRequest { StreamName = _name, ShardToSplit = shard.ShardId, NewStartingHashKey = shard.Middle };
        await CallAsync("SplitShard", request, cancellationToken);
        await ActiveAsync(cancellationToken);
    }

    /// <summary>An iterator at a shard's first record.</summary>
    public async Task<string> FirstAsync(string shard, CancellationToken cancellationToken) =>
        (await CallAsync<ShardIterator>(
            "GetShardIterator",
            new StreamRequest { StreamName = _name, ShardId = shard, ShardIteratorType = "TRIM_HORIZON" },
            cancellationToken)).Iterator;

    /// <summary>An iterator behind a record of a shard.</summary>
    public async Task<string> AfterAsync(string shard, string sequenceNumber, CancellationToken cancellationToken) =>
        (await CallAsync<ShardIterator>(
            "GetShardIterator",
            new StreamRequest
            {
                StreamName = _name,
                ShardId = shard,
                ShardIteratorType = "AFTER_SEQUENCE_NUMBER",
                StartingSequenceNumber = sequenceNumber,
            },
            cancellationToken)).Iterator;

    /// <summary>The records behind an iterator.</summary>
    public Task<RecordsPage> ReadAsync(string iterator, int most, CancellationToken cancellationToken) =>
        CallAsync<RecordsPage>("GetRecords", new StreamRequest { ShardIterator = iterator, Limit = most }, cancellationToken);

    /// <summary>Puts records.</summary>
    /// <returns>Those that Kinesis did not take, in their order.</returns>
    public async Task<IReadOnlyList<PutEntry>> PutAsync(IReadOnlyList<PutEntry> records, CancellationToken cancellationToken)
    {
        var answer = await CallAsync<PutAnswers>(
            "PutRecords", new StreamRequest { StreamName = _name, Records = records }, cancellationToken);
        return [.. records.Where((_, at) => answer.Records[at].ErrorCode is not null)];
    }

    private async Task ActiveAsync(CancellationToken cancellationToken)
    {
        while (!await IsActiveAsync(cancellationToken))
            await Task.Delay(Pause, cancellationToken);
    }

    private async Task<bool> IsActiveAsync(CancellationToken cancellationToken) =>
        (await CallAsync<StreamSummary>("DescribeStreamSummary", new StreamRequest { StreamName = _name }, cancellationToken))
            .StreamDescriptionSummary.StreamStatus == "ACTIVE";

    private Task CallAsync(string operation, StreamRequest request, CancellationToken cancellationToken) => TellAsync(operation, async () =>
    {
        await _kinesis.SendAsync(operation, request, StreamJson.Default.StreamRequest, cancellationToken);
        return true;
    });

    private Task<T> CallAsync<T>(string operation, StreamRequest request, CancellationToken cancellationToken) =>
        TellAsync(operation, () => _kinesis.CallAsync(
            operation, request, StreamJson.Default.StreamRequest, (JsonTypeInfo<T>)StreamJson.Default.GetTypeInfo(typeof(T))!,
            cancellationToken));

    private async Task<T> TellAsync<T>(string operation, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (AwsException fault)
        {
            throw new CdcDmsException(
                ErrorKind.Unavailable, $"Kinesis did not do {operation} for the stream {_name}: {fault.Message.TrimEnd('.')}.", fault);
        }
    }
}

/// <summary>The members that the operations take; each has some.</summary>
internal sealed record StreamRequest
{
    public string? StreamName { get; init; }

    public int? ShardCount { get; init; }

    public string? ShardId { get; init; }

    public string? ShardToSplit { get; init; }

    public string? NewStartingHashKey { get; init; }

    public string? ShardIteratorType { get; init; }

    public string? StartingSequenceNumber { get; init; }

    public string? ShardIterator { get; init; }

    public int? Limit { get; init; }

    public IReadOnlyList<PutEntry>? Records { get; init; }
}

internal sealed record StreamSummary(StreamDescription StreamDescriptionSummary);

internal sealed record StreamDescription(string StreamStatus);

internal sealed record ListedShards(IReadOnlyList<ListedShard> Shards);

internal sealed record ShardIterator([property: JsonPropertyName("ShardIterator")] string Iterator);

internal sealed record PutAnswers(IReadOnlyList<PutRecordsEntry> Records);

internal sealed record PutRecordsEntry(string? ErrorCode);

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StreamRequest))]
[JsonSerializable(typeof(StreamSummary))]
[JsonSerializable(typeof(ListedShards))]
[JsonSerializable(typeof(ShardIterator))]
[JsonSerializable(typeof(RecordsPage))]
[JsonSerializable(typeof(PutAnswers))]
internal sealed partial class StreamJson : JsonSerializerContext;
