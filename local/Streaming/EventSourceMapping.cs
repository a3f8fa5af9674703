using System.Collections.Concurrent;
using CdcDms.Contract;

namespace CdcDms.Local.Streaming;

/// <summary>
/// What Lambda does between a stream and a function (AWS: Lambda, How Lambda processes records from stream and queue-based event sources;
/// Using Lambda to process records from Amazon Kinesis Data Streams): each shard is read from its first record on, one batch at a time, and
/// the shards that came from a split or a merge after those that they came from. What was read is forgotten with this program, as a mapping
/// that is made anew forgets it.
/// </summary>
/// <param name="stream">The stream.</param>
/// <param name="function">The function.</param>
/// <param name="window">How long a batch waits for more records at most.</param>
internal sealed class EventSourceMapping(StreamCalls stream, InvokedFunction function, TimeSpan window)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<string, ShardReader> _readers = new();

    /// <summary>Batches that the function has made files of.</summary>
    public long Batches => _readers.Values.Sum(reader => reader.Batches);

    /// <summary>Shards that were read.</summary>
    public int Shards => _readers.Count;

    /// <summary>Reads all shards until it is cancelled.</summary>
    /// <exception cref="CdcDmsException">Kinesis or the functions' host failed.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var running = new Dictionary<string, Task>();
        while (true)
        {
            var shards = await stream.ShardsAsync(cancellationToken);
            var known = shards.Select(shard => shard.ShardId).ToHashSet();
            foreach (var shard in shards.Where(shard => !running.ContainsKey(shard.ShardId) && IsNext(shard)))
            {
                var reader = _readers[shard.ShardId] = new ShardReader(stream, function, window, shard.ShardId);
                running[shard.ShardId] = reader.RunAsync(cancellationToken);
            }

            var reading = running.Values.Where(reader => !reader.IsCompletedSuccessfully);
            await await Task.WhenAny([Task.Delay(Pause, cancellationToken), .. reading]);

            bool IsNext(ListedShard shard) => IsEnded(shard.ParentShardId) && IsEnded(shard.AdjacentParentShardId);

            // One that the stream does not keep any more has nothing to read.
            bool IsEnded(string? shard) =>
                shard is null || !known.Contains(shard) || running.GetValueOrDefault(shard) is { IsCompletedSuccessfully: true };
        }
    }

    /// <summary>Waits until nothing is left in the stream. Nobody else may put records meanwhile.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        // What a shard's last batch made the function put elsewhere is found the second time.
        while (!(await IsEmptyAsync(cancellationToken) && await IsEmptyAsync(cancellationToken)))
            await Task.Delay(Pause, cancellationToken);
    }

    // A look that has begun already may miss a record, so each shard is looked at twice.
    private async Task<bool> IsEmptyAsync(CancellationToken cancellationToken)
    {
        var shards = await stream.ShardsAsync(cancellationToken);
        var (records, looks) = (Records(), _readers.ToDictionary(reader => reader.Key, reader => reader.Value.EmptyLooks));
        if (!shards.All(shard => looks.ContainsKey(shard.ShardId)))
            return false;
        while (_readers.Any(reader => !reader.Value.HasEnded && reader.Value.EmptyLooks < looks.GetValueOrDefault(reader.Key) + 2))
        {
            if (Records() != records)
                return false;
            await Task.Delay(Pause, cancellationToken);
        }

        return Records() == records;
    }

    private long Records() => _readers.Values.Sum(reader => reader.Records);
}
