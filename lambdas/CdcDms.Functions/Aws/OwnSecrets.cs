using System.Text.Json;
using System.Text.Json.Serialization;
using CdcDms.Aws;

namespace CdcDms.Functions.Aws;

/// <summary>Reads the sandbox's secrets from Secrets Manager itself: this function runs rarely and needs no cache.</summary>
internal static class OwnSecrets
{
    /// <summary>Reads a secret.</summary>
    /// <exception cref="AwsException">Secrets Manager refuses or does not answer.</exception>
    /// <exception cref="Contract.CdcDmsException">The secret is not of a database.</exception>
    public static async Task<Secret> ReadAsync(AwsApi secretsManager, string arn, CancellationToken cancellationToken)
    {
        var answer = await secretsManager.PostAsync(
            "application/x-amz-json-1.1",
            "secretsmanager.GetSecretValue",
            JsonSerializer.Serialize(new SecretRequest(arn), SecretRequestJson.Default.SecretRequest),
            body => ("Refused", body),
            cancellationToken);
        return Secret.Parse(JsonSerializer.Deserialize(answer, SecretJson.Default.SecretAnswer)!.SecretString, arn);
    }
}

internal sealed record SecretRequest(string SecretId);

[JsonSerializable(typeof(SecretRequest))]
internal sealed partial class SecretRequestJson : JsonSerializerContext;
