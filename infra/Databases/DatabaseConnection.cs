using CdcDms.Infra.Environments;

namespace CdcDms.Infra.Databases;

/// <summary>A database as others connect to it, whether it was there already or is made by another stack.</summary>
public sealed record DatabaseConnection
{
    /// <summary>Host name.</summary>
    public required string Host { get; init; }

    /// <summary>TCP port.</summary>
    public required int Port { get; init; }

    /// <summary>The secret with user name and password.</summary>
    public required string SecretArn { get; init; }

    /// <summary>The secret's customer-managed key, if it has one.</summary>
    public string? SecretKmsKeyArn { get; init; }

    /// <summary>The RDS instance, when it is known.</summary>
    public string? RdsInstanceId { get; init; }

    /// <summary>The Aurora cluster, when it is one.</summary>
    public string? RdsClusterId { get; init; }

    /// <summary>The connection to a database that is there already.</summary>
    public static DatabaseConnection To(ExistingDatabase database) => new()
    {
        Host = database.Host,
        Port = database.Port,
        SecretArn = database.SecretArn,
        SecretKmsKeyArn = database.SecretKmsKeyArn,
        RdsInstanceId = database.RdsInstanceId,
        RdsClusterId = database.RdsClusterId,
    };
}
