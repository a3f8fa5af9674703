using Amazon.Runtime;
using Amazon.S3;
using CdcDms.Contract;
using CdcDms.Pipeline.Lake;

namespace CdcDms.Local.Services;

/// <summary>
/// An S3 server of our own, on 127.0.0.1 and a free port. It lives until it is disposed or this program ends, in whatever way; its objects
/// are temporary. Objects appear whole, listings are in S3's order, and If-Match and If-None-Match are honoured, as on S3. It does not
/// check signatures, and every user of this machine can reach it.
/// </summary>
public sealed class EmbeddedS3 : IAsyncDisposable
{
    private readonly ServiceHost _host;
    private readonly Ready _ready;

    private EmbeddedS3(ServiceHost host, Ready ready) => (_host, _ready) = (host, ready);

    /// <summary>The endpoint for path-style addressing: <c>http://127.0.0.1:PORT</c>.</summary>
    public Uri Endpoint => new($"http://127.0.0.1:{_ready.Port}");

    /// <summary>The access key that the server knows; another one is refused.</summary>
    public string AccessKeyId => _ready.AccessKeyId;

    /// <summary>The access key's secret.</summary>
    public string SecretAccessKey => _ready.SecretAccessKey;

    /// <summary>Starts a server without buckets; returns when it answers.</summary>
    /// <exception cref="CdcDmsException">Node or the server's npm package is missing, or the server did not start.</exception>
    public static async Task<EmbeddedS3> StartAsync(CancellationToken cancellationToken = default)
    {
        var (host, ready) = await ServiceHost.StartAsync<Ready>("s3", cancellationToken);
        return new EmbeddedS3(host, ready);
    }

    /// <summary>A client of this server, with its credentials.</summary>
    public IAmazonS3 Connect() => LakeClient.Connect(Endpoint, new BasicAWSCredentials(AccessKeyId, SecretAccessKey));

    /// <summary>Creates a bucket.</summary>
    /// <exception cref="AmazonS3Exception">It exists already, or the name is not a bucket's.</exception>
    public async Task CreateBucketAsync(string bucket, CancellationToken cancellationToken = default)
    {
        using var client = Connect();
        await client.PutBucketAsync(bucket, cancellationToken);
    }

    /// <summary>Stops the server and removes its objects; returns when both are gone.</summary>
    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private sealed record Ready(int Port, string AccessKeyId, string SecretAccessKey);
}
