using System.Globalization;
using System.Text;
using CdcDms.Pipeline.Transcoding;

namespace CdcDms.Pipeline.Tests.Transcoding;

/// <summary>
/// A stream whose shards are split and merged while they are read. A shard can be read once its parents were read to their ends, as Lambda
/// does (AWS: Kinesis event source mappings).
/// </summary>
internal sealed class SimulatedStream : IShards
{
    private readonly List<SimulatedShard> _shards = [new(0, UInt128.MinValue, UInt128.MaxValue, [])];
    private long _records;

    /// <summary>What the next calls do in place of answering; each is used once, and null answers.</summary>
    public Queue<Exception?> Faults { get; } = [];

    /// <summary>Lets some calls be answered, and the next one fail.</summary>
    public void FailAfter(int calls)
    {
        for (var call = 0; call < calls; call++)
            Faults.Enqueue(null);
        Faults.Enqueue(new CdcDmsException(ErrorKind.Unavailable, "Kinesis is away."));
    }

    /// <summary>All shards, from the first.</summary>
    public IReadOnlyList<SimulatedShard> All => _shards;

    /// <summary>The shards that take records.</summary>
    public IReadOnlyList<SimulatedShard> Open => [.. _shards.Where(shard => !shard.IsClosed)];

    /// <summary>The shards with records that can be read next.</summary>
    public IReadOnlyList<SimulatedShard> Readable =>
        [.. _shards.Where(shard => shard.Unread > 0 && shard.Parents.All(parent => parent.IsReadToItsEnd))];

    /// <summary>What is listed in place of the shards that take records; null for these.</summary>
    public IReadOnlyList<OpenShard>? Listed { get; set; }

    /// <summary>The shards that take records, as Kinesis lists them.</summary>
    public IReadOnlyList<OpenShard> List => [.. Open.Select(shard => new OpenShard(shard.Id, shard.First, shard.Last))];

    /// <inheritdoc/>
    public Task<IReadOnlyList<OpenShard>> OpenAsync(CancellationToken cancellationToken)
    {
        ThrowFault();
        return Task.FromResult(Listed ?? List);
    }

    /// <inheritdoc/>
    public Task<string> PutAsync(UInt128 hashKey, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        ThrowFault();
        return Task.FromResult(Put(hashKey, data).Id);
    }

    /// <summary>Puts a message into the shard of a hash key.</summary>
    public void Put(UInt128 hashKey, string message) => Put(hashKey, Encoding.UTF8.GetBytes(message));

    /// <summary>Splits a shard in the middle.</summary>
    public void Split(SimulatedShard shard)
    {
        shard.IsClosed = true;
        var middle = shard.First + ((shard.Last - shard.First) / 2);
        _shards.Add(new(_shards.Count, shard.First, middle, [shard]));
        _shards.Add(new(_shards.Count, middle + 1, shard.Last, [shard]));
    }

    /// <summary>Merges a shard with the open one behind it, if there is one.</summary>
    public void Merge(SimulatedShard shard)
    {
        if (Open.FirstOrDefault(other => other.First == shard.Last + 1 && other != shard && shard.Last != UInt128.MaxValue) is not { } next)
            return;
        shard.IsClosed = next.IsClosed = true;
        _shards.Add(new(_shards.Count, shard.First, next.Last, [shard, next]));
    }

    private SimulatedShard Put(UInt128 hashKey, ReadOnlyMemory<byte> data)
    {
        var taker = Open.Single(shard => shard.First <= hashKey && hashKey <= shard.Last);
        taker.Records.Add(new StreamRecord((++_records).ToString(CultureInfo.InvariantCulture), data.ToArray()));
        return taker;
    }

    private void ThrowFault()
    {
        if (Faults.TryDequeue(out var fault) && fault is not null)
            throw fault;
    }
}

/// <summary>A shard.</summary>
/// <param name="Number">The digits of its id.</param>
/// <param name="First">Its first hash key.</param>
/// <param name="Last">Its last hash key.</param>
/// <param name="Parents">The shards that it came from.</param>
internal sealed record SimulatedShard(int Number, UInt128 First, UInt128 Last, IReadOnlyList<SimulatedShard> Parents)
{
    /// <summary>Its id.</summary>
    public string Id => $"shardId-{Number:D12}";

    /// <summary>Whether it takes no more records.</summary>
    public bool IsClosed { get; set; }

    /// <summary>Its records.</summary>
    public List<StreamRecord> Records { get; } = [];

    /// <summary>How many of them were read.</summary>
    public int Read { get; set; }

    /// <summary>How many were not.</summary>
    public int Unread => Records.Count - Read;

    /// <summary>Whether there is nothing more to come of it, nor of those that it came from.</summary>
    public bool IsReadToItsEnd => IsClosed && Unread == 0 && Parents.All(parent => parent.IsReadToItsEnd);
}
