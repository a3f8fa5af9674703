using CdcDms.Contract.Lake;

namespace CdcDms.Pipeline.Transcoding;

/// <summary>A record of a Kinesis stream.</summary>
/// <param name="SequenceNumber">Its number in its shard.</param>
/// <param name="Data">What DMS has put into it: one message, or what somebody else has.</param>
public sealed record StreamRecord(string SequenceNumber, ReadOnlyMemory<byte> Data);

/// <summary>Neighbours in a shard, which are transcoded together or not at all.</summary>
/// <param name="Range">Which they are.</param>
/// <param name="Records">The records, in their order.</param>
public sealed record StreamBatch(ShardRange Range, IReadOnlyList<StreamRecord> Records);
