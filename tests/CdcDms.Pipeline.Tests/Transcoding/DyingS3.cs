using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using CdcDms.Local.Services;

namespace CdcDms.Pipeline.Tests.Transcoding;

/// <summary>A client of S3 that has died after some uploads.</summary>
internal sealed class DyingS3(EmbeddedS3 server, int uploads) : AmazonS3Client(
    server.AccessKeyId, server.SecretAccessKey,
    new AmazonS3Config { ServiceURL = server.Endpoint.AbsoluteUri, ForcePathStyle = true, AuthenticationRegion = "us-east-1" })
{
    private int _uploads;

    public override Task<PutObjectResponse> PutObjectAsync(PutObjectRequest request, CancellationToken cancellationToken = default) =>
        Interlocked.Increment(ref _uploads) <= uploads
            ? server.Connect().PutObjectAsync(request, cancellationToken)
            : throw new AmazonS3Exception("it is away") { StatusCode = HttpStatusCode.ServiceUnavailable };
}
