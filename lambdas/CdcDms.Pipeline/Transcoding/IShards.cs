using CdcDms.Contract;

namespace CdcDms.Pipeline.Transcoding;

/// <summary>The stream whose records are transcoded, as far as markers need it on their way.</summary>
public interface IShards
{
    /// <summary>The first hash keys of all shards that are open.</summary>
    /// <exception cref="CdcDmsException">Kinesis refused or did not answer.</exception>
    Task<IReadOnlyList<string>> OpenAsync(CancellationToken cancellationToken);

    /// <summary>Puts a record into the open shard that has a hash key.</summary>
    /// <exception cref="CdcDmsException">Kinesis refused or did not answer.</exception>
    Task PutAsync(string hashKey, ReadOnlyMemory<byte> data, CancellationToken cancellationToken);
}
