using System.Globalization;
using CdcDms.Aws;

namespace CdcDms.Local.Streaming;

/// <summary>A record that is put into a stream.</summary>
/// <param name="PartitionKey">Decides the shard.</param>
/// <param name="Data">Its bytes.</param>
internal sealed record PutEntry(string PartitionKey, byte[] Data);

/// <summary>A record as a shard has it.</summary>
/// <param name="SequenceNumber">Its number in the shard.</param>
/// <param name="ApproximateArrivalTimestamp">When it came, in seconds since 1970.</param>
/// <param name="PartitionKey">What decided its shard.</param>
/// <param name="Data">Its bytes.</param>
internal sealed record ReadRecord(string SequenceNumber, double ApproximateArrivalTimestamp, string PartitionKey, byte[] Data);

/// <summary>The records behind an iterator.</summary>
/// <param name="Records">The records, in their order; often none.</param>
/// <param name="NextShardIterator">Where to go on; null at the end of a shard that takes no more records.</param>
internal sealed record RecordsPage(IReadOnlyList<ReadRecord> Records, string? NextShardIterator);

/// <summary>A shard.</summary>
/// <param name="ShardId">Its id.</param>
/// <param name="ParentShardId">The shard that it came from by a split, or one of the two by a merge.</param>
/// <param name="AdjacentParentShardId">The other one of a merge.</param>
/// <param name="HashKeyRange">The hash keys of its records.</param>
/// <param name="SequenceNumberRange">Which records it may have.</param>
internal sealed record ListedShard(
    string ShardId,
    string? ParentShardId,
    string? AdjacentParentShardId,
    HashKeyRange HashKeyRange,
    SequenceNumberRange SequenceNumberRange)
{
    /// <summary>Whether it takes records.</summary>
    public bool IsOpen => SequenceNumberRange.EndingSequenceNumber is null;

    /// <summary>The hash key in the middle.</summary>
    public string Middle
    {
        get
        {
            var first = UInt128.Parse(HashKeyRange.StartingHashKey, CultureInfo.InvariantCulture);
            var last = UInt128.Parse(HashKeyRange.EndingHashKey, CultureInfo.InvariantCulture);
            return (first + ((last - first) / 2) + 1).ToString(CultureInfo.InvariantCulture);
        }
    }
}
