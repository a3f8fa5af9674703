using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;
using CdcDms.Contract;
using CdcDms.Contract.Lake;

namespace CdcDms.Pipeline.Lake;

/// <summary>Listings and ETags as the lake's readers and writers see them.</summary>
public static class LakeListing
{
    /// <summary>All objects of a listing, page after page, in key order.</summary>
    /// <exception cref="CdcDmsException">The bucket is missing, closed or out of reach.</exception>
    public static async IAsyncEnumerable<LakeObject> ListAsync(
        this IAmazonS3 s3, ListObjectsV2Request request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var page in s3.PagesAsync(request, cancellationToken))
            foreach (var found in page.S3Objects ?? [])
                yield return new LakeObject(
                    found.Key, PlainETag(found.ETag), (found.LastModified ?? default).ToUniversalTime(), found.Size ?? 0);
    }

    /// <summary>The folders directly below a folder, with their closing slashes, in the order of their names.</summary>
    /// <param name="folder">Start of their keys, with its closing slash; empty for the bucket itself.</param>
    /// <exception cref="CdcDmsException">The bucket is missing, closed or out of reach.</exception>
    public static async IAsyncEnumerable<string> ListFoldersAsync(
        this IAmazonS3 s3, string bucket, string folder, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new ListObjectsV2Request { BucketName = bucket, Prefix = folder, Delimiter = "/" };
        await foreach (var page in s3.PagesAsync(request, cancellationToken))
            foreach (var found in page.CommonPrefixes ?? [])
                yield return found;
    }

    private static async IAsyncEnumerable<ListObjectsV2Response> PagesAsync(
        this IAmazonS3 s3, ListObjectsV2Request request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ListObjectsV2Response page;
        do
        {
            page = await LakeFault.TellAsync(
                $"Cannot list s3://{request.BucketName}/{request.Prefix}", () => s3.ListObjectsV2Async(request, cancellationToken));
            yield return page;
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);
    }

    /// <summary>An ETag without the quotes that HTTP puts around it.</summary>
    public static string PlainETag(string? eTag) => (eTag ?? "").Trim('"');
}
