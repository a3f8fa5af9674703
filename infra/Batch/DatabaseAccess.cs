using System.Globalization;
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
            variables[source ? FunctionEnvironment.SourceServer : FunctionEnvironment.TargetServer] = Server(Connection(role));
            variables[source ? FunctionEnvironment.SourceDatabase : FunctionEnvironment.TargetDatabase] =
                source ? Environment.Source.Database : Environment.Analytics.Database;
            variables[source ? FunctionEnvironment.SourceTls : FunctionEnvironment.TargetTls] =
                Choices.Name(source ? Environment.Source.Tls.Mode : Environment.Analytics.Tls.Mode);
        }

        return variables;
    }

    /// <summary>
    /// The environment variables, beside those of the source, of a function that looks by the connection by which rows are read for proofs;
    /// none where that is the source's own.
    /// </summary>
    public Dictionary<string, string> ReaderVariables => Environment.Validation.Source is { } read
        ? new Dictionary<string, string> { [FunctionEnvironment.ReadSourceSecret] = read.SecretArn }
        : [];

    /// <summary>The secrets of both databases, and the one by which rows are read for proofs, where there is one.</summary>
    public string[] SecretArns =>
        [Source.SecretArn, Analytics.SecretArn, .. Environment.Validation.Source is { } read ? (string[])[read.SecretArn] : []];

    /// <summary>Lets a function read the secret by which rows are read for proofs, where there is one.</summary>
    public void AllowReader(Role role)
    {
        if (Environment.Validation.Source is { } read)
            AllowSecret(role, read.SecretArn, read.SecretKmsKeyArn);
    }

    /// <summary>Lets a function read the secrets of some databases.</summary>
    public void Allow(Role role, params IEnumerable<DatabaseRole> databases)
    {
        foreach (var database in databases.Select(Connection))
            AllowSecret(role, database.SecretArn, database.SecretKmsKeyArn);
    }

    private static void AllowSecret(Role role, string secretArn, string? keyArn)
    {
        role.Allow([secretArn], "secretsmanager:GetSecretValue");
        if (keyArn is not null)
            role.Allow([keyArn], "kms:Decrypt");
    }

    private static string Server(DatabaseConnection database) =>
        string.Create(CultureInfo.InvariantCulture, $"{database.Host}:{database.Port}");

    private DatabaseConnection Connection(DatabaseRole role) => role == DatabaseRole.Source ? Source : Analytics;
}
