using System.Net;
using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;
using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;

namespace CdcDms.Pipeline.Lake;

/// <summary>Lists, fetches and deletes a lake's objects, and writes what functions leave for each other.</summary>
public sealed class LakeReader(IAmazonS3 s3, LakeUri lake)
{
    /// <summary>Most objects that are deleted together (AWS: DeleteObjects).</summary>
    public const int MostDeletedTogether = 1000;

    /// <summary>The lake's place.</summary>
    public LakeUri Lake { get; } = lake;

    /// <summary>The objects below a prefix, in key order.</summary>
    /// <param name="prefix">Start of every key.</param>
    /// <param name="startAfter">Only keys after this one; null for all.</param>
    /// <exception cref="CdcDmsException">The bucket is missing, closed or out of reach.</exception>
    public IAsyncEnumerable<LakeObject> ListAsync(string prefix, string? startAfter, CancellationToken cancellationToken) =>
        s3.ListAsync(
            new ListObjectsV2Request { BucketName = Lake.Bucket, Prefix = prefix, StartAfter = startAfter }, cancellationToken);

    /// <summary>The generations that have a folder, in their order.</summary>
    /// <exception cref="CdcDmsException">The bucket is missing, closed or out of reach.</exception>
    public IAsyncEnumerable<int> GenerationsAsync(CancellationToken cancellationToken) => GenerationsAsync(Lake.Key(""), cancellationToken);

    /// <summary>The generations of whose stream messages could not be understood, in their order.</summary>
    /// <exception cref="CdcDmsException">The bucket is missing, closed or out of reach.</exception>
    public IAsyncEnumerable<int> RejectedGenerationsAsync(CancellationToken cancellationToken) =>
        GenerationsAsync(Lake.Key($"{LakeLayout.RejectsFolder}/"), cancellationToken);

    private async IAsyncEnumerable<int> GenerationsAsync(
        string root, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var folder in s3.ListFoldersAsync(Lake.Bucket, root, cancellationToken))
            if (LakeLayout.GenerationOfFolder(folder[root.Length..]) is { } generation)
                yield return generation;
    }

    /// <summary>Whether the lake has any object of a table, in a generation's folder or outside.</summary>
    /// <exception cref="CdcDmsException">The bucket is missing, closed or out of reach.</exception>
    public async Task<bool> HasFilesAsync(TableDefinition table, CancellationToken cancellationToken)
    {
        if (table.Feed is { } feed)
            return await HasAnyAsync(Lake.Key(feed.Prefix), cancellationToken);
        await foreach (var generation in GenerationsAsync(cancellationToken))
            if (await HasAnyAsync(Lake.TablePrefix(table.Source, generation), cancellationToken))
                return true;
        return await HasAnyAsync(Lake.Key($"{table.Schema}/{table.Name}/"), cancellationToken);
    }

    private async Task<bool> HasAnyAsync(string prefix, CancellationToken cancellationToken) =>
        await ListAsync(prefix, startAfter: null, cancellationToken).AnyAsync(cancellationToken);

    /// <summary>The newest generation of a table that has a manifest, which says that its full load is complete; 0 for none.</summary>
    /// <exception cref="CdcDmsException">The bucket is missing, closed or out of reach.</exception>
    public async Task<int> NewestManifestAsync(TableName table, CancellationToken cancellationToken)
    {
        var newest = 0;
        await foreach (var found in ListAsync(Lake.ManifestPrefix(table), startAfter: null, cancellationToken))
            newest = LakeLayout.GenerationOfFolder(Path.GetFileNameWithoutExtension(found.Key)) ?? newest;
        return newest;
    }

    /// <summary>Fetches an object into a file, if it still is the object that was listed.</summary>
    /// <exception cref="CdcDmsException">The object was replaced or removed since, or cannot be read.</exception>
    public async Task FetchAsync(string key, string eTag, string path, CancellationToken cancellationToken)
    {
        using var response = await GetAsync(key, eTag, cancellationToken);
        await LakeFault.TellAsync($"Cannot fetch s3://{Lake.Bucket}/{key}", async () =>
        {
            await using var file = File.Create(path);
            await response.ResponseStream.CopyToAsync(file, cancellationToken);
            return path;
        });
    }

    /// <summary>Fetches bytes of an object to their place in a file, which has the object's size and is zero elsewhere.</summary>
    /// <param name="wanted">The object.</param>
    /// <param name="path">The file; it is made when it is not there.</param>
    /// <param name="from">The first byte.</param>
    /// <param name="end">The byte behind the last.</param>
    /// <exception cref="CdcDmsException">The object was replaced or removed since, or cannot be read.</exception>
    public async Task FetchPartAsync(LakeObject wanted, string path, long from, long end, CancellationToken cancellationToken)
    {
        using var response = await GetAsync(wanted.Key, wanted.ETag, cancellationToken, new ByteRange(from, end - 1));
        await LakeFault.TellAsync($"Cannot fetch s3://{Lake.Bucket}/{wanted.Key}", async () =>
        {
            await using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write);
            file.SetLength(wanted.Bytes);
            file.Position = from;
            await response.ResponseStream.CopyToAsync(file, cancellationToken);
            return path;
        });
    }

    /// <summary>Writes a text as an object.</summary>
    /// <exception cref="CdcDmsException">The bucket is missing, closed or out of reach.</exception>
    public Task PutTextAsync(string key, string text, CancellationToken cancellationToken)
    {
        var request = new PutObjectRequest { BucketName = Lake.Bucket, Key = key, ContentBody = text, ContentType = "application/json" };
        return LakeFault.TellAsync($"Cannot write s3://{Lake.Bucket}/{key}", () => s3.PutObjectAsync(request, cancellationToken));
    }

    /// <summary>Writes a file as an object.</summary>
    /// <inheritdoc cref="PutTextAsync"/>
    public Task PutFileAsync(string key, string path, CancellationToken cancellationToken)
    {
        var request = new PutObjectRequest { BucketName = Lake.Bucket, Key = key, FilePath = path };
        return LakeFault.TellAsync($"Cannot write s3://{Lake.Bucket}/{key}", () => s3.PutObjectAsync(request, cancellationToken));
    }

    /// <summary>The text of an object.</summary>
    /// <exception cref="CdcDmsException">The object was replaced or removed since, or cannot be read.</exception>
    public async Task<string> TextAsync(LakeObject wanted, CancellationToken cancellationToken)
    {
        using var response = await GetAsync(wanted.Key, wanted.ETag, cancellationToken);
        using var reader = new StreamReader(response.ResponseStream);
        return await reader.ReadToEndAsync(cancellationToken);
    }

    /// <summary>Deletes objects. One that is not there is deleted already.</summary>
    /// <param name="keys">Their keys, at most <see cref="MostDeletedTogether"/>.</param>
    /// <exception cref="CdcDmsException">S3 keeps an object.</exception>
    public async Task DeleteAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        var objects = keys.Select(key => new KeyVersion { Key = key });
        var request = new DeleteObjectsRequest { BucketName = Lake.Bucket, Objects = [.. objects] };
        await LakeFault.TellAsync(
            $"Cannot delete {keys.Count} objects of s3://{Lake.Bucket}, the first of them {keys[0]}",
            () => s3.DeleteObjectsAsync(request, cancellationToken));
    }

    private async Task<GetObjectResponse> GetAsync(
        string key, string eTag, CancellationToken cancellationToken, ByteRange? part = null)
    {
        var request = new GetObjectRequest { BucketName = Lake.Bucket, Key = key, EtagToMatch = $"\"{eTag}\"", ByteRange = part };
        try
        {
            var response = await LakeFault.TellAsync(
                $"Cannot read s3://{Lake.Bucket}/{key}", () => s3.GetObjectAsync(request, cancellationToken));
            // Not every S3 server honours If-Match, so the answer is looked at as well.
            if (LakeListing.PlainETag(response.ETag) == eTag)
                return response;
            response.Dispose();
            throw Replaced(key, null);
        }
        catch (CdcDmsException told) when (IsGone(told.InnerException))
        {
            throw Replaced(key, told.InnerException);
        }
    }

    private static bool IsGone(Exception? fault) =>
        fault is AmazonS3Exception { StatusCode: HttpStatusCode.PreconditionFailed } or AmazonS3Exception { ErrorCode: "NoSuchKey" };

    private CdcDmsException Replaced(string key, Exception? fault) =>
        new(ErrorKind.Conflict, $"s3://{Lake.Bucket}/{key} was replaced or removed while it was being read; run the merge again.", fault);
}
