using System.Text;
using Amazon;
using Amazon.Runtime;

namespace CdcDms.Aws;

/// <summary>One AWS service, called by signed POSTs to its root: all that the JSON and the Query protocol need.</summary>
/// <param name="url">The service's address.</param>
/// <param name="service">The service's name in the signature, such as <c>dms</c>.</param>
/// <param name="region">The region's name in the signature.</param>
/// <param name="credentials">Who calls.</param>
public sealed class AwsApi(Uri url, string service, string region, AWSCredentials credentials)
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(30) };

    private readonly AwsSignature _signature = new(service, region);

    /// <summary>
    /// The service in this function's region, as Lambda's environment says; the SDKs' variable
    /// <c>AWS_ENDPOINT_URL_…</c> moves it elsewhere.
    /// </summary>
    /// <param name="service">The service's name in the signature.</param>
    /// <param name="endpointVariable">The variable.</param>
    /// <param name="credentials">Who calls. Default: the function.</param>
    public static AwsApi FromEnvironment(string service, string endpointVariable, AWSCredentials? credentials = null)
    {
        var region = Environment.GetEnvironmentVariable("AWS_REGION")
            ?? throw new InvalidOperationException("Lambda sets AWS_REGION; it is missing.");
        var url = Environment.GetEnvironmentVariable(endpointVariable) is { Length: > 0 } elsewhere
            ? elsewhere
            : $"https://{service}.{region}.{RegionEndpoint.GetBySystemName(region).PartitionDnsSuffix}";
        return new AwsApi(new Uri(url), service, region, credentials ?? new EnvironmentVariablesAWSCredentials());
    }

    /// <summary>Sends a body and returns the answer's.</summary>
    /// <param name="contentType">The body's type.</param>
    /// <param name="target">The JSON protocol's operation; null for the Query protocol, whose body names it.</param>
    /// <param name="body">The body.</param>
    /// <param name="readError">Finds code and message in the body of an error.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="AwsException">The service refused the call or did not answer.</exception>
    public async Task<string> PostAsync(
        string contentType,
        string? target,
        string body,
        Func<string, (string Code, string Message)> readError,
        CancellationToken cancellationToken)
    {
        using var request = _signature.Post(
            url, contentType, target, Encoding.UTF8.GetBytes(body), credentials.GetCredentials(), DateTime.UtcNow);
        try
        {
            using var response = await Http.SendAsync(request, cancellationToken);
            var answer = await response.Content.ReadAsStringAsync(cancellationToken);
            if (response.IsSuccessStatusCode)
                return answer;
            var (code, message) = readError(answer);
            throw new AwsException(code, message, response.StatusCode);
        }
        catch (Exception away) when (IsAway(away, cancellationToken))
        {
            throw new AwsException("Unreachable", $"{url.Host} did not answer: {away.Message}", null, away);
        }
    }

    // The client ends a call that took too long as if it were cancelled.
    private static bool IsAway(Exception fault, CancellationToken cancellationToken) =>
        fault is HttpRequestException || (fault is OperationCanceledException && !cancellationToken.IsCancellationRequested);
}
