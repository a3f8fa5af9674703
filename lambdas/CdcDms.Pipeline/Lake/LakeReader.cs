using System.Net;
using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;
using CdcDms.Contract;
using CdcDms.Contract.Lake;

namespace CdcDms.Pipeline.Lake;

/// <summary>Lists and fetches a lake's objects.</summary>
public sealed class LakeReader(IAmazonS3 s3, LakeUri lake)
{
    /// <summary>The lake's place.</summary>
    public LakeUri Lake { get; } = lake;

    /// <summary>The objects below a prefix, in key order.</summary>
    /// <param name="prefix">Start of every key.</param>
    /// <param name="startAfter">Only keys after this one; null for all.</param>
    /// <exception cref="CdcDmsException">The bucket is missing or closed to us.</exception>
    public async IAsyncEnumerable<LakeObject> ListAsync(
        string prefix, string? startAfter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new ListObjectsV2Request { BucketName = Lake.Bucket, Prefix = prefix, StartAfter = startAfter };
        ListObjectsV2Response page;
        do
        {
            page = await AskAsync(() => s3.ListObjectsV2Async(request, cancellationToken), prefix);
            foreach (var found in page.S3Objects ?? [])
                yield return new LakeObject(found.Key, Plain(found.ETag), (found.LastModified ?? default).ToUniversalTime(), found.Size ?? 0);
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);
    }

    /// <summary>Fetches an object into a file, if it still is the object that was listed.</summary>
    /// <exception cref="CdcDmsException">It was replaced or removed since, or cannot be read.</exception>
    public async Task FetchAsync(string key, string eTag, string path, CancellationToken cancellationToken)
    {
        using var response = await GetAsync(key, eTag, cancellationToken);
        try
        {
            await using var file = File.Create(path);
            await response.ResponseStream.CopyToAsync(file, cancellationToken);
        }
        catch (Exception fault) when (fault is IOException or HttpRequestException)
        {
            throw new CdcDmsException(ErrorKind.Unavailable, $"Cannot fetch s3://{Lake.Bucket}/{key}: {Reason(fault)}.", fault);
        }
    }

    /// <summary>The text of an object.</summary>
    /// <exception cref="CdcDmsException">It cannot be read.</exception>
    public async Task<string> TextAsync(LakeObject wanted, CancellationToken cancellationToken)
    {
        using var response = await GetAsync(wanted.Key, wanted.ETag, cancellationToken);
        using var reader = new StreamReader(response.ResponseStream);
        return await reader.ReadToEndAsync(cancellationToken);
    }

    private async Task<GetObjectResponse> GetAsync(string key, string eTag, CancellationToken cancellationToken)
    {
        var request = new GetObjectRequest { BucketName = Lake.Bucket, Key = key, EtagToMatch = $"\"{eTag}\"" };
        var response = await AskAsync(() => s3.GetObjectAsync(request, cancellationToken), key);
        // Not every S3 server honours If-Match, so the answer is looked at as well.
        if (Plain(response.ETag) == eTag)
            return response;
        response.Dispose();
        throw Replaced(key, null);
    }

    private async Task<T> AskAsync<T>(Func<Task<T>> ask, string key)
    {
        try
        {
            return await ask();
        }
        catch (AmazonS3Exception fault) when (fault.StatusCode is HttpStatusCode.PreconditionFailed || fault.ErrorCode is "NoSuchKey")
        {
            throw Replaced(key, fault);
        }
        catch (AmazonS3Exception fault)
        {
            throw new CdcDmsException(ErrorKind.Unavailable, $"Cannot read s3://{Lake.Bucket}/{key}: {Reason(fault)}.", fault);
        }
        catch (Exception fault) when (fault is Amazon.Runtime.AmazonServiceException or Amazon.Runtime.AmazonClientException or HttpRequestException)
        {
            throw new CdcDmsException(ErrorKind.Unavailable, $"Cannot reach S3 for s3://{Lake.Bucket}/{key}: {Reason(fault)}.", fault);
        }
    }

    private CdcDmsException Replaced(string key, Exception? fault) =>
        new(ErrorKind.Conflict, $"s3://{Lake.Bucket}/{key} was replaced or removed while it was being read; run the merge again.", fault);

    private static string Reason(Exception fault) => fault switch
    {
        AmazonS3Exception { ErrorCode: "NoSuchBucket" } => "the bucket does not exist",
        AmazonS3Exception { StatusCode: HttpStatusCode.Forbidden } => "access is denied",
        _ => (fault.InnerException ?? fault).Message.TrimEnd('.'),
    };

    private static string Plain(string? eTag) => (eTag ?? "").Trim('"');
}
