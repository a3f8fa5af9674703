using Amazon.S3;
using Amazon.S3.Model;
using CdcDms.Contract;

namespace CdcDms.Functions.Lifecycle;

/// <summary>What keeps a bucket without versions from being deleted: its objects, and uploads in parts that nobody has ended.</summary>
internal sealed class BucketContents(IAmazonS3 s3, string bucket)
{
    /// <summary>Deletes all of it. What was deleted by then stays so when it fails.</summary>
    /// <exception cref="CdcDmsException">S3 keeps an object.</exception>
    /// <exception cref="AmazonS3Exception">S3 refused a request.</exception>
    public async Task DeleteAsync(CancellationToken cancellationToken)
    {
        await AbortUploadsAsync(cancellationToken);
        // The first page, again and again: what was listed is gone, and what came meanwhile is listed, too.
        while (await PageAsync(cancellationToken) is { Count: > 0 } keys)
            await DeleteAsync(keys, cancellationToken);
    }

    // An answer without objects may have no list of them.
    private async Task<IReadOnlyList<string>> PageAsync(CancellationToken cancellationToken)
    {
        var page = await s3.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket }, cancellationToken);
        return [.. (page.S3Objects ?? []).Select(found => found.Key)];
    }

    private async Task DeleteAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        var request = new DeleteObjectsRequest { BucketName = bucket, Objects = [.. keys.Select(key => new KeyVersion { Key = key })] };
        try
        {
            await s3.DeleteObjectsAsync(request, cancellationToken);
        }
        catch (DeleteObjectsException kept)
        {
            var first = kept.Response.DeleteErrors[0];
            throw new CdcDmsException(
                ErrorKind.Unavailable,
                $"The bucket {bucket} was not emptied: S3 keeps {kept.Response.DeleteErrors.Count} of {keys.Count} objects, the first of "
                + $"them {first.Key} ({first.Code}). Look at the bucket's policy and locks, and delete the stack again.",
                kept);
        }
    }

    private async Task AbortUploadsAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var page = await s3.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = bucket }, cancellationToken);
            foreach (var upload in page.MultipartUploads ?? [])
                await AbortAsync(upload, cancellationToken);
            if (page.IsTruncated != true)
                return;
        }
    }

    private async Task AbortAsync(MultipartUpload upload, CancellationToken cancellationToken)
    {
        try
        {
            await s3.AbortMultipartUploadAsync(
                new AbortMultipartUploadRequest { BucketName = bucket, Key = upload.Key, UploadId = upload.UploadId }, cancellationToken);
        }
        catch (AmazonS3Exception ended) when (ended.ErrorCode == "NoSuchUpload")
        {
            // It was completed or aborted meanwhile.
        }
    }
}
