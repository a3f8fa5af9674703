using System.Globalization;
using Amazon.CDK;
using Amazon.CDK.AWS.DMS;
using CdcDms.Contract.Tables;
using CdcDms.Infra.Certificates;
using CdcDms.Infra.Databases;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Naming;
using Constructs;

namespace CdcDms.Infra.Replication;

/// <summary>What the PostgreSQL source needs.</summary>
internal sealed record SourceEndpointProps
{
    public required DeploymentEnvironment Environment { get; init; }

    /// <summary>Where DMS finds the database and its secret.</summary>
    public required DatabaseConnection Connection { get; init; }

    /// <summary>The authorities that may sign the database's certificate, as PEM.</summary>
    public required string Authorities { get; init; }
}

/// <summary>The PostgreSQL source: its secret, its certificate, its slot.</summary>
internal sealed class SourceEndpoint : Construct
{
    private readonly CfnCertificate _certificate;
    private readonly CfnCertificateProps _certificateProps;
    private readonly CfnEndpointProps _endpointProps;

    public SourceEndpoint(Construct scope, string id, SourceEndpointProps props)
        : base(scope, id)
    {
        var names = new ReplicationNames(props.Environment);
        var role = new SourceSecretRole(this, "SecretRole", new SourceSecretRoleProps { Source = props.Connection });
        _certificateProps = new CfnCertificateProps
        {
            CertificateIdentifier = names.SourceCertificate(Pem.Hash(props.Authorities)),
            CertificatePem = props.Authorities,
        };
        _certificate = new CfnCertificate(this, "Certificate", _certificateProps);
        _certificate.OverrideLogicalId(PinnedIds.SourceCertificate);
        _endpointProps = Endpoint(props, names.Source, _certificate.Ref, role.RoleArn);
        Resource = new CfnEndpoint(this, "Endpoint", _endpointProps);
        Resource.OverrideLogicalId(PinnedIds.SourceEndpoint);

        // The role alone is not enough: its policy must be there when DMS first uses it.
        Resource.Node.AddDependency(role);
    }

    public CfnEndpoint Resource { get; }

    /// <summary>The resources that may not change before the replication has stopped.</summary>
    public IReadOnlyList<CfnResource> Resources => [_certificate, Resource];

    /// <summary>Properties that DMS changes only while the replication is stopped.</summary>
    public IReadOnlyList<object> Fingerprinted => [_certificateProps, _endpointProps];

    private static CfnEndpointProps Endpoint(SourceEndpointProps props, string name, string certificateArn, string roleArn)
    {
        var source = props.Environment.Source;
        var varcharBytes = UnboundedVarchar.Bytes(props.Environment.Replication.LobKilobytes);
        return new CfnEndpointProps
        {
            EndpointIdentifier = name,
            ResourceIdentifier = name,
            EndpointType = "source",
            EngineName = source.Engine == SourceEngine.Postgres ? "postgres" : "aurora-postgresql",
            DatabaseName = source.Database,
            SslMode = source.Tls.Mode == TlsMode.VerifyFull ? "verify-full" : "verify-ca",
            CertificateArn = certificateArn,
            PostgreSqlSettings = PostgreSql(props, roleArn),

            // An unbounded varchar is cut at 8,000 bytes unless told otherwise (docs/dms-contract.md#postgresql-types).
            ExtraConnectionAttributes = string.Create(CultureInfo.InvariantCulture, $"unboundedVarcharMaxSize={varcharBytes};"),
        };
    }

    private static CfnEndpoint.PostgreSqlSettingsProperty PostgreSql(SourceEndpointProps props, string roleArn)
    {
        var source = props.Environment.Source;
        return new CfnEndpoint.PostgreSqlSettingsProperty
        {
            SecretsManagerSecretId = props.Connection.SecretArn,
            SecretsManagerAccessRoleArn = roleArn,

            // pgoutput is not accepted; pglogical does not work with REPLICA IDENTITY FULL (docs/dms-contract.md#source-plugin).
            PluginName = "test-decoding",
            SlotName = (props.Environment.Replication.Start as ChangesFromSlot)?.Slot,
            CaptureDdls = source.CaptureDdl,
            HeartbeatEnable = source.Heartbeat is not null,
            HeartbeatSchema = source.Heartbeat?.Schema,
            HeartbeatFrequency = source.Heartbeat?.Minutes,
            FailTasksOnLobTruncation = true,
            MapBooleanAsBoolean = true,
        };
    }
}
