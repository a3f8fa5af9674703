using System.Text.Json;
using System.Text.Json.Serialization;
using Amazon.S3;
using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Pipeline.Lake;

namespace CdcDms.Pipeline.Transcoding;

/// <summary>A record of a stream that could not be understood.</summary>
/// <param name="SequenceNumber">Its number in its shard.</param>
/// <param name="Reason">Why, as half a sentence about the record, without a value of a row.</param>
/// <param name="Data">All its bytes.</param>
public sealed record RejectedRecord(string SequenceNumber, string Reason, ReadOnlyMemory<byte> Data);

/// <summary>The objects beside the tables that keep such records.</summary>
/// <param name="s3">S3.</param>
/// <param name="lake">The lake.</param>
public sealed class RejectedObjects(IAmazonS3 s3, LakeUri lake)
{
    /// <summary>The keys, oldest first.</summary>
    /// <param name="generation">Only those of the stream of this generation; null for all.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    /// <exception cref="CdcDmsException">The lake cannot be read.</exception>
    public IAsyncEnumerable<string> KeysAsync(int? generation, CancellationToken cancellationToken)
    {
        var prefix = generation is { } one ? lake.RejectsPrefix(one) : lake.Key($"{LakeLayout.RejectsFolder}/");
        return new LakeReader(s3, lake).ListAsync(prefix, null, cancellationToken).Select(found => found.Key);
    }

    /// <summary>The records of an object.</summary>
    /// <exception cref="CdcDmsException">There is no such object, or it keeps no rejected records.</exception>
    public Task<IReadOnlyList<RejectedRecord>> ReadAsync(string key, CancellationToken cancellationToken) =>
        LakeFault.TellAsync($"s3://{lake.Bucket}/{key} was not read", async () =>
        {
            using var found = await s3.GetObjectAsync(lake.Bucket, key, cancellationToken);
            using var reader = new StreamReader(found.ResponseStream);
            var records = new List<RejectedRecord>();
            while (await reader.ReadLineAsync(cancellationToken) is { } line)
                records.Add(Parse(key, line));
            return (IReadOnlyList<RejectedRecord>)records;
        });

    /// <summary>Removes an object.</summary>
    /// <exception cref="CdcDmsException">S3 refused.</exception>
    public Task RemoveAsync(string key, CancellationToken cancellationToken) => LakeFault.TellAsync(
        $"s3://{lake.Bucket}/{key} was not removed",
        () => s3.DeleteObjectAsync(lake.Bucket, key, cancellationToken));

    private RejectedRecord Parse(string key, string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, RejectedJson.Default.RejectedRecord) ?? throw new JsonException();
        }
        catch (JsonException fault)
        {
            throw new CdcDmsException(
                ErrorKind.BadData, $"s3://{lake.Bucket}/{key} has a line that is no rejected record: name another object.", fault);
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(RejectedRecord))]
internal sealed partial class RejectedJson : JsonSerializerContext;
