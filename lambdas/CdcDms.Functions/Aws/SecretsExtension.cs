using System.Globalization;
using System.Net.Http.Json;
using CdcDms.Contract;

namespace CdcDms.Functions.Aws;

/// <summary>
/// The AWS Parameters and Secrets Lambda extension: Secrets Manager over HTTP on localhost, with a cache. It answers within an invocation
/// only, never during init (AWS: Use AWS Secrets Manager secrets in AWS Lambda functions).
/// </summary>
internal static class SecretsExtension
{
    private const string DefaultPort = "2773";
    private const string DefaultCacheSeconds = "300";

    private const string DefaultTimeoutMilliseconds = "10000";

    // The extension waits for Secrets Manager as long as its own variable says, and answers then; by default it waits for ever.
    private static readonly TimeSpan OwnTime = TimeSpan.FromSeconds(1);

    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>How long the extension answers from its cache: a rotated password is not seen before.</summary>
    public static TimeSpan CacheLifetime =>
        TimeSpan.FromSeconds(int.Parse(Setting("SECRETS_MANAGER_TTL", DefaultCacheSeconds), CultureInfo.InvariantCulture));

    /// <summary>Reads a database's secret.</summary>
    /// <exception cref="CdcDmsException">The extension does not answer in time, or the secret is not of a database.</exception>
    public static async Task<Secret> ReadAsync(string arn, CancellationToken cancellationToken)
    {
        var timeout = OwnTime + TimeSpan.FromMilliseconds(
            int.Parse(Setting("SECRETS_MANAGER_TIMEOUT_MILLIS", DefaultTimeoutMilliseconds), CultureInfo.InvariantCulture));
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        ended.CancelAfter(timeout);
        var port = Setting("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", DefaultPort);
        using var request = new HttpRequestMessage(
            HttpMethod.Get, $"http://localhost:{port}/secretsmanager/get?secretId={Uri.EscapeDataString(arn)}");
        request.Headers.Add("X-Aws-Parameters-Secrets-Token", Setting("AWS_SESSION_TOKEN", ""));
        try
        {
            using var response = await Http.SendAsync(request, ended.Token);
            response.EnsureSuccessStatusCode();
            var answer = await response.Content.ReadFromJsonAsync(SecretJson.Default.SecretAnswer, ended.Token);
            return Secret.Parse(answer!.SecretString, arn);
        }
        catch (HttpRequestException fault)
        {
            throw new CdcDmsException(
                ErrorKind.Unavailable,
                $"The secret {arn} cannot be read: {fault.Message.TrimEnd('.')}; check the function's extension layer and its role.",
                fault);
        }
        catch (OperationCanceledException fault) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CdcDmsException(
                ErrorKind.Unavailable,
                $"The secret {arn} was not read within {(int)timeout.TotalSeconds} seconds: look whether the function's subnets have an "
                + "endpoint of Secrets Manager or another way to it, and whether its security group admits the function.",
                fault);
        }
    }

    private static string Setting(string variable, string usual) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } set ? set : usual;
}
