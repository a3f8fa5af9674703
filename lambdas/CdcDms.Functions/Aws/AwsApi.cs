using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Amazon;
using Amazon.Runtime;
using Amazon.Runtime.Internal.Auth;

namespace CdcDms.Functions.Aws;

/// <summary>One AWS service, called by signed POSTs to its root: all that the JSON and the Query protocol need.</summary>
/// <param name="url">The service's address.</param>
/// <param name="service">The service's name in the signature, such as <c>dms</c>.</param>
/// <param name="region">The region's name in the signature.</param>
/// <param name="credentials">Who calls.</param>
internal sealed class AwsApi(Uri url, string service, string region, AWSCredentials credentials)
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>
    /// The service in this function's region, as Lambda's environment says; the SDKs' variable
    /// <c>AWS_ENDPOINT_URL_…</c> moves it elsewhere.
    /// </summary>
    public static AwsApi FromEnvironment(string service, string endpointVariable)
    {
        var region = Environment.GetEnvironmentVariable("AWS_REGION")
            ?? throw new InvalidOperationException("Lambda sets AWS_REGION; it is missing.");
        var url = Environment.GetEnvironmentVariable(endpointVariable) is { Length: > 0 } elsewhere
            ? elsewhere
            : $"https://{service}.{region}.{RegionEndpoint.GetBySystemName(region).PartitionDnsSuffix}";
        return new AwsApi(new Uri(url), service, region, new EnvironmentVariablesAWSCredentials());
    }

    /// <summary>Sends a body and returns the answer's.</summary>
    /// <param name="contentType">The body's type.</param>
    /// <param name="target">The JSON protocol's operation; null for the Query protocol, whose body names it.</param>
    /// <param name="body">The body.</param>
    /// <param name="readError">Finds code and message in the body of an error.</param>
    /// <exception cref="AwsException">The service refused the call or did not answer.</exception>
    public async Task<string> PostAsync(
        string contentType, string? target, string body, Func<string, (string Code, string Message)> readError, CancellationToken cancellationToken)
    {
        using var request = Sign(contentType, target, Encoding.UTF8.GetBytes(body));
        try
        {
            using var response = await Http.SendAsync(request, cancellationToken);
            var answer = await response.Content.ReadAsStringAsync(cancellationToken);
            if (response.IsSuccessStatusCode)
                return answer;
            var (code, message) = readError(answer);
            throw new AwsException(code, message, response.StatusCode);
        }
        catch (Exception away) when (away is HttpRequestException || (away is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new AwsException("Unreachable", $"{url.Host} did not answer: {away.Message}", null, away);
        }
    }

    private HttpRequestMessage Sign(string contentType, string? target, byte[] body)
    {
        var who = credentials.GetCredentials();
        var now = DateTime.UtcNow;
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["content-type"] = contentType,
            ["host"] = url.Authority,
            ["x-amz-date"] = AWS4Signer.FormatDateTime(now, "yyyyMMddTHHmmssZ"),
        };
        if (who.UseToken)
            headers["x-amz-security-token"] = who.Token;
        if (target is not null)
            headers["x-amz-target"] = target;

        // The canonical form of a request without path and query (AWS: Signature Version 4, create a canonical request).
        var names = string.Join(';', headers.Keys);
        var lines = string.Concat(headers.Select(header => $"{header.Key}:{header.Value}\n"));
        var canonical = $"POST\n/\n\n{lines}\n{names}\n{Convert.ToHexStringLower(SHA256.HashData(body))}";
        var signature = AWS4Signer.ComputeSignature(who, region, now, service, names, canonical);

        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        foreach (var (name, value) in headers.Where(header => header.Key.StartsWith("x-amz-", StringComparison.Ordinal)))
            request.Headers.TryAddWithoutValidation(name, value);
        request.Headers.TryAddWithoutValidation("Authorization", signature.ForAuthorizationHeader);
        return request;
    }
}
