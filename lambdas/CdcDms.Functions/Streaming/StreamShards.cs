using System.Globalization;
using CdcDms.Aws;
using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Functions.Lifecycle;
using CdcDms.Pipeline.Transcoding;

namespace CdcDms.Functions.Streaming;

/// <summary>The stream that called the function.</summary>
/// <param name="arn">The stream's ARN, as the event has it.</param>
internal sealed class StreamShards(string arn) : IShards
{
    // Its shard is told by the hash key beside it.
    private static readonly string PartitionKey = MarkerTable.Name.ToString();

    // A shard that is full takes a record moments later. The batch again would put it into all other shards once more, and what is behind
    // the marker would wait until all of them take it in one go. The time is that of all shards together, within that of the function.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    private readonly Lazy<Patience> _patience = new(() => Patience.Of(LongestWait, Pause, TimeProvider.System));

    // Few batches have a marker.
    private readonly Lazy<Kinesis> _kinesis = new(
        () => new Kinesis(AwsApi.FromEnvironment(Kinesis.Service, Kinesis.EndpointVariable), arn.Split('/')[^1]));

    /// <inheritdoc/>
    public Task<IReadOnlyList<OpenShard>> OpenAsync(CancellationToken cancellationToken) => TellAsync(
        async () => (IReadOnlyList<OpenShard>)
            [.. (await _kinesis.Value.OpenShardsAsync(cancellationToken)).Select(shard => new OpenShard(
                shard.ShardId, Number(shard.HashKeyRange.StartingHashKey), Number(shard.HashKeyRange.EndingHashKey)))],
        cancellationToken);

    /// <inheritdoc/>
    public Task<string> PutAsync(UInt128 hashKey, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => TellAsync(
        () => _kinesis.Value.PutAsync(PartitionKey, hashKey.ToString(CultureInfo.InvariantCulture), data, cancellationToken),
        cancellationToken);

    private static UInt128 Number(string hashKey) => UInt128.Parse(hashKey, NumberStyles.None, CultureInfo.InvariantCulture);

    private async Task<T> TellAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            return await _patience.Value.UntilDoneAsync(call, cancellationToken);
        }
        catch (AwsException fault)
        {
            throw new CdcDmsException(
                ErrorKind.Unavailable,
                $"A marker was not passed on to every shard of {arn} ({fault.Message.TrimEnd('.')}); the records that were read with it "
                + "are read again.",
                fault);
        }
    }
}
