using System.Text.Json;
using System.Text.Json.Serialization;
using CdcDms.Contract;
using CdcDms.Functions.TaskLife;
using Npgsql;

namespace CdcDms.Functions.Sandbox;

/// <summary>A secret in the form that RDS and DMS share.</summary>
internal sealed record DatabaseSecret
{
    public required string Username { get; init; }

    public required string Password { get; init; }

    public required string Host { get; init; }

    public required int Port { get; init; }

    public required string Dbname { get; init; }

    /// <summary>Reads a secret.</summary>
    /// <exception cref="AwsException">Secrets Manager refuses or does not answer.</exception>
    /// <exception cref="CdcDmsException">It is not of that form.</exception>
    public static async Task<DatabaseSecret> ReadAsync(AwsApi secretsManager, string arn, CancellationToken cancellation)
    {
        var answer = await secretsManager.PostAsync(
            "application/x-amz-json-1.1",
            "secretsmanager.GetSecretValue",
            JsonSerializer.Serialize(new SecretRequest(arn), DatabaseSecretJson.Default.SecretRequest),
            body => ("Refused", body),
            cancellation);
        try
        {
            var text = JsonSerializer.Deserialize(answer, DatabaseSecretJson.Default.SecretAnswer)!.SecretString;
            return JsonSerializer.Deserialize(text, SecretFormJson.Default.DatabaseSecret)!;
        }
        catch (JsonException fault)
        {
            throw new CdcDmsException(ErrorKind.BadDefinition, $"The secret {arn} does not hold username, password, host, port and dbname.", fault);
        }
    }

    /// <summary>The connection, to a server that proves who it is.</summary>
    /// <param name="authorities">PEM file of the authorities that may sign its certificate.</param>
    public string ConnectionString(string authorities) => new NpgsqlConnectionStringBuilder
    {
        Host = Host,
        Port = Port,
        Database = Dbname,
        Username = Username,
        Password = Password,
        SslMode = SslMode.VerifyFull,
        RootCertificate = authorities,
    }.ConnectionString;
}

internal sealed record SecretRequest(string SecretId);

internal sealed record SecretAnswer(string SecretString);

[JsonSerializable(typeof(SecretRequest))]
[JsonSerializable(typeof(SecretAnswer))]
internal sealed partial class DatabaseSecretJson : JsonSerializerContext;

// RDS writes the port as a number, people often as text.
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(DatabaseSecret))]
internal sealed partial class SecretFormJson : JsonSerializerContext;
