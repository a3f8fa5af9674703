using Amazon.CDK.AWS.IAM;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Databases;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Environments.Reading;
using CdcDms.Infra.Permissions;

namespace CdcDms.Infra.Batch;

/// <summary>How functions find the databases, and may read their secrets.</summary>
internal sealed record DatabaseAccess
{
    public required DeploymentEnvironment Environment { get; init; }

    public required DatabaseConnection Source { get; init; }

    public required DatabaseConnection Analytics { get; init; }

    /// <summary>The environment variables of a function that uses some databases.</summary>
    public Dictionary<string, string> Variables(params IEnumerable<DatabaseRole> databases)
    {
        var variables = new Dictionary<string, string> { [FunctionEnvironment.EnvironmentName] = Environment.Name };
        foreach (var role in databases)
        {
            var source = role == DatabaseRole.Source;
            variables[source ? FunctionEnvironment.SourceSecret : FunctionEnvironment.TargetSecret] = Connection(role).SecretArn;
            variables[source ? FunctionEnvironment.SourceDatabase : FunctionEnvironment.TargetDatabase] =
                source ? Environment.Source.Database : Environment.Analytics.Database;
            variables[source ? FunctionEnvironment.SourceTls : FunctionEnvironment.TargetTls] =
                Choices.Name(source ? Environment.Source.Tls.Mode : Environment.Analytics.Tls.Mode);
        }

        return variables;
    }

    /// <summary>Lets a function read the secrets of some databases.</summary>
    public void Allow(Role role, params IEnumerable<DatabaseRole> databases)
    {
        foreach (var database in databases.Select(Connection))
            AllowSecret(role, database.SecretArn, database.SecretKmsKeyArn);
    }

    /// <summary>Lets a function read a secret.</summary>
    /// <param name="role">The function's role.</param>
    /// <param name="secretArn">The secret.</param>
    /// <param name="keyArn">The key that decrypts the secret; null for that of AWS.</param>
    public static void AllowSecret(Role role, string secretArn, string? keyArn)
    {
        role.Allow([secretArn], "secretsmanager:GetSecretValue");
        if (keyArn is not null)
            role.Allow([keyArn], "kms:Decrypt");
    }

    private DatabaseConnection Connection(DatabaseRole role) => role == DatabaseRole.Source ? Source : Analytics;
}
