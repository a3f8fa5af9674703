using CdcDms.Contract;

namespace CdcDms.Pipeline.Transcoding;

/// <summary>The stream whose records are transcoded, as far as markers need it on their way.</summary>
public interface IShards
{
    /// <summary>All shards that are open.</summary>
    /// <exception cref="CdcDmsException">Kinesis refused or did not answer.</exception>
    Task<IReadOnlyList<OpenShard>> OpenAsync(CancellationToken cancellationToken);

    /// <summary>Puts a record into the open shard that has a hash key.</summary>
    /// <returns>The id of the shard that took the record.</returns>
    /// <exception cref="CdcDmsException">Kinesis refused or did not answer.</exception>
    Task<string> PutAsync(UInt128 hashKey, ReadOnlyMemory<byte> data, CancellationToken cancellationToken);
}

/// <summary>A shard that takes records.</summary>
/// <param name="Id">Its id.</param>
/// <param name="First">The first hash key of its records.</param>
/// <param name="Last">The last hash key of its records.</param>
public sealed record OpenShard(string Id, UInt128 First, UInt128 Last);
