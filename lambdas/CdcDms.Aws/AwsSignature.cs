using System.Net.Http.Headers;
using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.Runtime.Internal.Auth;

namespace CdcDms.Aws;

/// <summary>Signed requests to one AWS service (AWS: Signature Version 4).</summary>
/// <param name="service">The service's name in the signature, such as <c>dms</c>.</param>
/// <param name="region">The region's name in the signature.</param>
public sealed class AwsSignature(string service, string region)
{
    /// <summary>A signed POST of JSON to a path of a service, as of now.</summary>
    /// <inheritdoc cref="Post"/>
    public static HttpRequestMessage Now(string service, string region, Uri url, byte[] body, ImmutableCredentials credentials) =>
        new AwsSignature(service, region).Post(url, "application/json", target: null, body, credentials, DateTime.UtcNow);

    /// <summary>A signed POST.</summary>
    /// <param name="url">The service's root, or a path of it, without a query; each part of the path as it goes over the wire.</param>
    /// <param name="contentType">The body's type.</param>
    /// <param name="target">The JSON protocol's operation; null for the Query protocol.</param>
    /// <param name="body">The body.</param>
    /// <param name="credentials">Who calls.</param>
    /// <param name="utc">The time of signing; AWS refuses one that is five minutes off.</param>
    public HttpRequestMessage Post(
        Uri url, string contentType, string? target, byte[] body, ImmutableCredentials credentials, DateTime utc)
    {
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["content-type"] = contentType,
            ["host"] = url.Authority,
            ["x-amz-date"] = AWS4Signer.FormatDateTime(utc, "yyyyMMddTHHmmssZ"),
        };
        if (credentials.UseToken)
            headers["x-amz-security-token"] = credentials.Token;
        if (target is not null)
            headers["x-amz-target"] = target;

        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        foreach (var (name, value) in headers.Where(header => header.Key.StartsWith("x-amz-", StringComparison.Ordinal)))
            request.Headers.TryAddWithoutValidation(name, value);
        request.Headers.TryAddWithoutValidation("Authorization", Authorization(url, headers, body, credentials, utc));
        return request;
    }

    // The canonical form of a request without a query (AWS: Signature Version 4, create a canonical request): of every service but S3 the
    // path is encoded once more than it is sent. AWS4Signer is of an internal namespace of the SDK; tests hold it to published examples.
    private string Authorization(
        Uri url, SortedDictionary<string, string> headers, byte[] body, ImmutableCredentials credentials, DateTime utc)
    {
        var names = string.Join(';', headers.Keys);
        var lines = string.Concat(headers.Select(header => $"{header.Key}:{header.Value}\n"));
        var path = string.Join('/', url.AbsolutePath.Split('/').Select(Uri.EscapeDataString));
        var canonical = $"POST\n{path}\n\n{lines}\n{names}\n{Convert.ToHexStringLower(SHA256.HashData(body))}";
        return AWS4Signer.ComputeSignature(credentials, region, utc, service, names, canonical).ForAuthorizationHeader;
    }
}
