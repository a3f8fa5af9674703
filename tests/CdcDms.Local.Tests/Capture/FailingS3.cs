using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Capture;

/// <summary>A client of the real server that dies once: at an upload, before it was sent or before its answer came.</summary>
internal sealed class FailingS3(TestServers servers, Func<string, bool> key, bool afterUpload, int uploadsBefore = 0)
    : AmazonS3Client(
        new BasicAWSCredentials(servers.S3Server.AccessKeyId, servers.S3Server.SecretAccessKey), (AmazonS3Config)servers.S3.Config)
{
    private int _left = uploadsBefore;

    public override async Task<PutObjectResponse> PutObjectAsync(PutObjectRequest request, CancellationToken cancellationToken = default)
    {
        var dies = key(request.Key) && _left-- == 0;
        if (dies && !afterUpload)
            throw new DeathException();
        var response = await base.PutObjectAsync(request, cancellationToken);
        return dies ? throw new DeathException() : response;
    }
}

/// <summary>A client of the real server before whose first upload of a Parquet file somebody else takes its name.</summary>
internal sealed class RacingS3(TestServers servers)
    : AmazonS3Client(
        new BasicAWSCredentials(servers.S3Server.AccessKeyId, servers.S3Server.SecretAccessKey), (AmazonS3Config)servers.S3.Config)
{
    public string? Taken { get; private set; }

    public override async Task<PutObjectResponse> PutObjectAsync(PutObjectRequest request, CancellationToken cancellationToken = default)
    {
        if (Taken is null && request.Key.EndsWith(".parquet", StringComparison.Ordinal))
        {
            Taken = request.Key;
            await base.PutObjectAsync(
                new PutObjectRequest { BucketName = request.BucketName, Key = request.Key, ContentBody = "taken" }, cancellationToken);
        }

        return await base.PutObjectAsync(request, cancellationToken);
    }
}

/// <summary>A client of the real server that uploads the first LOAD file only when somebody lists objects, or after a while.</summary>
internal sealed class SlowS3(TestServers servers)
    : AmazonS3Client(
        new BasicAWSCredentials(servers.S3Server.AccessKeyId, servers.S3Server.SecretAccessKey), (AmazonS3Config)servers.S3.Config)
{
    private readonly TaskCompletionSource _begun = new();
    private readonly TaskCompletionSource _listed = new();
    private readonly TaskCompletionSource _ended = new();

    public Task Upload => _ended.Task;

    public override async Task<PutObjectResponse> PutObjectAsync(PutObjectRequest request, CancellationToken cancellationToken = default)
    {
        if (!request.Key.Contains("LOAD", StringComparison.Ordinal) || !_begun.TrySetResult())
            return await base.PutObjectAsync(request, cancellationToken);
        await Task.WhenAny(_listed.Task, Task.Delay(TimeSpan.FromSeconds(1), cancellationToken));
        var response = await base.PutObjectAsync(request, cancellationToken);
        _ended.SetResult();
        return response;
    }

    public override async Task<ListObjectsV2Response> ListObjectsV2Async(
        ListObjectsV2Request request, CancellationToken cancellationToken = default)
    {
        var response = await base.ListObjectsV2Async(request, cancellationToken);
        if (_begun.Task.IsCompleted)
            _listed.TrySetResult();
        return response;
    }
}

internal sealed class DeathException : Exception;
