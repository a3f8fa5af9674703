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

internal sealed class DeathException : Exception;
