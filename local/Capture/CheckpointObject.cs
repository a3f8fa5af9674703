using System.Net;
using System.Text.Json;
using Amazon.S3;
using Amazon.S3.Model;
using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Lake;

namespace CdcDms.Local.Capture;

/// <summary>
/// The checkpoint in the lake. It is replaced only while it is the one that was read or written last: the lock at the source does not keep
/// apart two captures of two servers.
/// </summary>
/// <param name="s3">The S3 client.</param>
/// <param name="lake">The lake.</param>
/// <param name="unspoken">
/// The tables of which CDC files were written since the checkpoint was; none of them any more when it is written.
/// </param>
internal sealed class CheckpointObject(IAmazonS3 s3, LakeUri lake, ISet<TableName> unspoken)
{
    private readonly string _key = lake.CheckpointKey();
    private string? _eTag;

    /// <summary>The checkpoint, or null in a lake that no capture has written.</summary>
    public Task<Checkpoint?> ReadAsync(CancellationToken cancellationToken) => TellAsync(async () =>
    {
        try
        {
            using var response = await s3.GetObjectAsync(lake.Bucket, _key, cancellationToken);
            _eTag = response.ETag;
            return await JsonSerializer.DeserializeAsync(response.ResponseStream, CheckpointJson.Default.Checkpoint, cancellationToken);
        }
        catch (AmazonS3Exception fault) when (fault.ErrorCode == "NoSuchKey")
        {
            _eTag = null;
            return null;
        }
        catch (JsonException fault)
        {
            throw new CdcDmsException(
                ErrorKind.BadData,
                $"The checkpoint {_key} in {lake} cannot be read ({fault.Message.TrimEnd('.')}), so nobody knows where the stream goes on; "
                + "bring back an older version of the object, or use a new prefix and new targets.",
                fault);
        }
    });

    /// <summary>Writes the checkpoint; S3 replaces an object as a whole.</summary>
    /// <exception cref="CdcDmsException">Another capture has written it, or the lake failed.</exception>
    public Task WriteAsync(Checkpoint checkpoint, CancellationToken cancellationToken) => TellAsync(async () =>
    {
        var text = JsonSerializer.Serialize(checkpoint, CheckpointJson.Default.Checkpoint);
        var request = new PutObjectRequest
        {
            BucketName = lake.Bucket,
            Key = _key,
            ContentBody = text,
            ContentType = "application/json",
            IfMatch = _eTag,
            IfNoneMatch = _eTag is null ? "*" : null,
            UseChunkEncoding = false,
        };
        try
        {
            _eTag = (await s3.PutObjectAsync(request, cancellationToken)).ETag;
        }
        // S3 answers 409 where two write at once, and 404 where what shall be replaced is gone.
        catch (AmazonS3Exception fault)
            when (fault.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict || fault.ErrorCode == "NoSuchKey")
        {
            // The client sends an upload again whose answer was lost.
            _eTag = await ETagOfAsync(text, cancellationToken) ?? throw new CdcDmsException(
                ErrorKind.Conflict,
                $"Another capture has written the checkpoint {_key} in {lake} since this one did, and one lake has one capture; end the "
                + $"one whose source is not the right one, and start the other again.{Unspoken}",
                fault);
        }

        unspoken.Clear();
        return _eTag;
    });

    private string Unspoken => unspoken.Count == 0 ? ""
        : $" This one has written files of {string.Join(", ", unspoken)} since, which may hold what the right source never had: repair "
            + "--all makes these tables right.";

    private async Task<string?> ETagOfAsync(string text, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await s3.GetObjectAsync(lake.Bucket, _key, cancellationToken);
            using var reader = new StreamReader(response.ResponseStream);
            return await reader.ReadToEndAsync(cancellationToken) == text ? response.ETag : null;
        }
        catch (AmazonS3Exception fault) when (fault.ErrorCode == "NoSuchKey")
        {
            return null;
        }
    }

    private Task<T> TellAsync<T>(Func<Task<T>> call) => LakeFault.TellAsync($"The lake {lake} was not read or written", call);
}
