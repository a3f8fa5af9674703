using System.Text.Json;
using System.Text.Json.Serialization;
using CdcDms.Contract;
using Npgsql;

namespace CdcDms.Functions.Aws;

/// <summary>A database's secret, in the form that RDS and DMS share (AWS Secrets Manager: JSON structure of database secrets).</summary>
internal sealed record Secret
{
    /// <summary>The role that logs in.</summary>
    public required string Username { get; init; }

    /// <summary>The role's password.</summary>
    public required string Password { get; init; }

    /// <summary>The server's name; null in a secret that RDS manages (<c>rds!…</c>), which has user name and password alone.</summary>
    public string? Host { get; init; }

    /// <summary>The server's port; null as of the name.</summary>
    public int? Port { get; init; }

    /// <summary>The server, when the secret names it.</summary>
    public ServerAddress? Server => Host is { } host && Port is { } port ? ServerAddress.Of(host, port) : null;

    /// <summary>The database; DMS's secrets have none.</summary>
    public string? Dbname { get; init; }

    /// <summary>Reads a secret's text.</summary>
    /// <exception cref="CdcDmsException">The secret is not of a database.</exception>
    public static Secret Parse(string text, string arn)
    {
        try
        {
            return JsonSerializer.Deserialize(text, SecretJson.Default.Secret)!;
        }
        catch (JsonException fault)
        {
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"The secret {arn} is not of a database: it must hold username and password, and where nothing else names them host and "
                + "port, as JSON.",
                fault);
        }
    }

    /// <summary>The connection, to a server that proves who it is.</summary>
    /// <param name="server">The server.</param>
    /// <param name="database">The database, if the secret does not name it.</param>
    /// <param name="authorities">PEM file of the authorities that may sign the server's certificate.</param>
    /// <param name="proof">Whether the certificate must also name the host.</param>
    public NpgsqlConnectionStringBuilder Connection(ServerAddress server, string? database, string authorities, SslMode proof) => new()
    {
        Host = server.Host,
        Port = server.Port,
        Username = Username,
        Password = Password,
        Database = database ?? Dbname,
        SslMode = proof,
        RootCertificate = authorities,
    };
}

/// <summary>What Secrets Manager answers to GetSecretValue, as far as we read it.</summary>
internal sealed record SecretAnswer
{
    [JsonPropertyName("SecretString")]
    public required string SecretString { get; init; }
}

// RDS writes the port as a number, people often as text.
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(Secret))]
[JsonSerializable(typeof(SecretAnswer))]
internal sealed partial class SecretJson : JsonSerializerContext;
