using System.Globalization;
using Amazon.CDK;
using Amazon.CDK.AWS.DMS;
using Amazon.CDK.AWS.IAM;
using CdcDms.Infra.Databases;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Naming;

namespace CdcDms.Infra.Replication;

/// <summary>The PostgreSQL source: its secret, its certificate, its slot.</summary>
internal sealed class SourceEndpoint
{
    // The largest value of unboundedVarcharMaxSize (docs/dms-contract.md#postgresql-types).
    private const int MostVarcharBytes = 10_485_760;

    public SourceEndpoint(Stack stack, DeploymentEnvironment environment, DatabaseConnection source, ReplicationNames names, string pem)
    {
        var role = SecretRole(stack, source);
        CertificateProps = new CfnCertificateProps
        {
            // A certificate cannot be changed, only replaced, and identifiers are unique: with the hash a rotation is a new one.
            CertificateIdentifier = $"{names.Prefix}-source-{RdsRoots.Hash(pem)}",
            CertificatePem = pem,
        };
        Certificate = new CfnCertificate(stack, "SourceCertificate", CertificateProps);
        Props = new CfnEndpointProps
        {
            EndpointIdentifier = names.Source,
            ResourceIdentifier = names.Source,
            EndpointType = "source",
            EngineName = environment.Source.Engine == SourceEngine.Postgres ? "postgres" : "aurora-postgresql",
            DatabaseName = environment.Source.Database,
            SslMode = environment.Source.Tls.Mode == TlsMode.VerifyFull ? "verify-full" : "verify-ca",
            CertificateArn = Certificate.Ref,
            PostgreSqlSettings = Settings(environment, source, role),

            // An unbounded varchar is cut at 8,000 bytes unless told otherwise (docs/dms-contract.md#postgresql-types).
            ExtraConnectionAttributes = string.Create(
                CultureInfo.InvariantCulture,
                $"unboundedVarcharMaxSize={Math.Min(environment.Replication.LobKilobytes * 1024, MostVarcharBytes)};"),
        };
        Resource = new CfnEndpoint(stack, "SourceEndpoint", Props);

        // The role alone is not enough: its policy must be there when DMS first uses it.
        Resource.Node.AddDependency(role);
    }

    public CfnCertificate Certificate { get; }

    public CfnCertificateProps CertificateProps { get; }

    public CfnEndpoint Resource { get; }

    public CfnEndpointProps Props { get; }

    private static CfnEndpoint.PostgreSqlSettingsProperty Settings(DeploymentEnvironment environment, DatabaseConnection source, Role role) => new()
    {
        SecretsManagerSecretId = source.SecretArn,
        SecretsManagerAccessRoleArn = role.RoleArn,

        // pgoutput is not accepted; pglogical does not work with REPLICA IDENTITY FULL (docs/dms-contract.md#source-plugin).
        PluginName = "test-decoding",
        SlotName = (environment.Replication.Start as ChangesFromSlot)?.Slot,
        CaptureDdls = environment.Source.CaptureDdl,
        HeartbeatEnable = environment.Source.Heartbeat is not null,
        HeartbeatSchema = environment.Source.Heartbeat?.Schema,
        HeartbeatFrequency = environment.Source.Heartbeat?.Minutes,
        FailTasksOnLobTruncation = true,
        MapBooleanAsBoolean = true,
    };

    // DMS reads secrets as its regional principal (docs/dms-contract.md#secrets).
    private static Role SecretRole(Stack stack, DatabaseConnection source)
    {
        var role = new Role(stack, "SourceSecretRole", new RoleProps
        {
            AssumedBy = new ServicePrincipal($"dms.{stack.Region}.amazonaws.com"),
            Description = "Lets DMS read the source database's secret",
        });
        role.AddToPolicy(new PolicyStatement(new PolicyStatementProps
        {
            Actions = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
            Resources = [source.SecretArn],
        }));
        if (source.SecretKmsKeyArn is { } key)
            role.AddToPolicy(new PolicyStatement(new PolicyStatementProps { Actions = ["kms:Decrypt", "kms:DescribeKey"], Resources = [key] }));
        return role;
    }
}
