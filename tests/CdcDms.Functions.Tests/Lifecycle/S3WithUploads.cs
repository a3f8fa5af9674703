using System.Text;
using Amazon.Runtime;
using Amazon.S3;
using CdcDms.Pipeline.Lake;

namespace CdcDms.Functions.Tests.Lifecycle;

/// <summary>The embedded S3 server, with the uploads in parts that it cannot list; everything else goes through to it.</summary>
internal sealed class S3WithUploads : IDisposable
{
    private static readonly HttpClient Http = new();

    private readonly HttpStandIn _web;
    private readonly Uri _server;

    public S3WithUploads(TestServers servers)
    {
        _server = servers.S3Server.Endpoint;
        _web = new HttpStandIn(Answer);
        S3 = LakeClient.Connect(_web.Url, new BasicAWSCredentials(servers.S3Server.AccessKeyId, servers.S3Server.SecretAccessKey));
    }

    public IAmazonS3 S3 { get; }

    /// <summary>Keys of uploads that nobody has ended; each has its key as its id.</summary>
    public List<string> Uploads { get; } = [];

    /// <summary>The answer to DeleteObjects instead of S3's.</summary>
    public string? Kept { get; set; }

    public int Deletions { get; private set; }

    public void Dispose()
    {
        S3.Dispose();
        _web.Dispose();
    }

    private (int Status, string Body) Answer(WireRequest request)
    {
        var query = request.RawUrl.Split('?') is [_, var text] ? text : "";
        if (request.Method == "GET" && query.StartsWith("uploads", StringComparison.Ordinal))
            return (200, Listed());
        if (request.Method == "DELETE" && query.StartsWith("uploadId=", StringComparison.Ordinal))
            return Uploads.Remove(query["uploadId=".Length..])
                ? (204, "")
                : (404, "<Error><Code>NoSuchUpload</Code><Message>gone</Message></Error>");
        if (request.Method == "POST" && query.StartsWith("delete", StringComparison.Ordinal))
        {
            Deletions++;
            if (Kept is not null)
                return (200, Kept);
        }

        return Forward(request);
    }

    // One upload a page, and first one that somebody has ended meanwhile.
    private string Listed() =>
        "<ListMultipartUploadsResult>"
        + string.Concat(((string[])["ended", .. Uploads.Take(1)])
            .Select(key => $"<Upload><Key>{key}</Key><UploadId>{key}</UploadId></Upload>"))
        + $"<IsTruncated>{(Uploads.Count > 1 ? "true" : "false")}</IsTruncated></ListMultipartUploadsResult>";

    // The signature covers the host that was asked for.
    private (int Status, string Body) Forward(WireRequest request)
    {
        using var forwarded = new HttpRequestMessage(new HttpMethod(request.Method), new Uri(_server, request.RawUrl));
        if (request.Body.Length > 0)
            forwarded.Content = new ByteArrayContent(request.Body);
        foreach (var (name, value) in request.Headers)
            if (!forwarded.Headers.TryAddWithoutValidation(name, value))
                forwarded.Content?.Headers.TryAddWithoutValidation(name, value);
        using var response = Http.Send(forwarded);
        using var reader = new StreamReader(response.Content.ReadAsStream(), Encoding.UTF8);
        return ((int)response.StatusCode, reader.ReadToEnd());
    }
}
