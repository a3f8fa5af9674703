using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using CdcDms.Contract;

namespace CdcDms.Functions;

/// <summary>A database's secret, in the form that RDS and DMS write (AWS Secrets Manager: JSON structure of database secrets).</summary>
internal sealed record Secret
{
    // Where the AWS Parameters and Secrets Lambda extension listens, and how long it caches, unless its variables say otherwise
    // (AWS: Use AWS Secrets Manager secrets in AWS Lambda functions).
    private const string DefaultPort = "2773";
    private const string DefaultCacheSeconds = "300";

    private static readonly HttpClient Extension = new(new SocketsHttpHandler { UseProxy = false });

    /// <summary>The role.</summary>
    public required string Username { get; init; }

    /// <summary>Its password.</summary>
    public required string Password { get; init; }

    /// <summary>The server.</summary>
    public required string Host { get; init; }

    /// <summary>Its port.</summary>
    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
    public required int Port { get; init; }

    /// <summary>How long the extension answers from its cache: a rotated password is not seen before.</summary>
    public static TimeSpan CacheLifetime => TimeSpan.FromSeconds(int.Parse(
        Setting("SECRETS_MANAGER_TTL", DefaultCacheSeconds), System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Reads a secret through the extension. It answers within an invocation only, never during init.</summary>
    /// <exception cref="CdcDmsException">The extension does not answer, or the secret is not of a database.</exception>
    public static async Task<Secret> ReadAsync(string secretArn, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            $"http://localhost:{Setting("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", DefaultPort)}/secretsmanager/get?secretId={Uri.EscapeDataString(secretArn)}");
        request.Headers.Add("X-Aws-Parameters-Secrets-Token", Setting("AWS_SESSION_TOKEN", ""));
        try
        {
            using var response = await Extension.SendAsync(request, cancellation);
            response.EnsureSuccessStatusCode();
            var answer = await response.Content.ReadFromJsonAsync(SecretJson.Default.ExtensionAnswer, cancellation);
            return JsonSerializer.Deserialize(answer!.SecretString, SecretJson.Default.Secret)!;
        }
        catch (HttpRequestException fault)
        {
            throw new CdcDmsException(ErrorKind.Unavailable, $"The secret {secretArn} cannot be read: {fault.Message.TrimEnd('.')}; check the function's extension layer and its role.", fault);
        }
        catch (JsonException fault)
        {
            throw new CdcDmsException(ErrorKind.BadDefinition, $"The secret {secretArn} is not of a database: it must hold username, password, host and port as JSON.", fault);
        }
    }

    private static string Setting(string variable, string usual) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } set ? set : usual;
}

/// <summary>What the extension answers: Secrets Manager's GetSecretValue.</summary>
internal sealed record ExtensionAnswer
{
    [JsonPropertyName("SecretString")]
    public required string SecretString { get; init; }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Secret))]
[JsonSerializable(typeof(ExtensionAnswer))]
internal sealed partial class SecretJson : JsonSerializerContext;
