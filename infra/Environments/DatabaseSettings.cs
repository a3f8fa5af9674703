namespace CdcDms.Infra.Environments;

/// <summary>Where a PostgreSQL database is.</summary>
public abstract record DatabaseLocation;

/// <summary>A database that is there already.</summary>
public sealed record ExistingDatabase : DatabaseLocation
{
    /// <summary>Host name or address.</summary>
    public required string Host { get; init; }

    /// <summary>TCP port. Default: <see cref="Defaults.Port"/>.</summary>
    public required int Port { get; init; }

    /// <summary>The secret with <c>username</c>, <c>password</c>, <c>host</c> and <c>port</c> (docs/dms-contract.md#secrets).</summary>
    public required string SecretArn { get; init; }

    /// <summary>The customer-managed key of the secret. Default: none, Secrets Manager's own key.</summary>
    public string? SecretKmsKeyArn { get; init; }

    /// <summary>The peer to which connections are allowed.</summary>
    public required DatabasePeer Peer { get; init; }

    /// <summary>The RDS instance, when it is one: it is watched. Default: none.</summary>
    public string? RdsInstanceId { get; init; }

    /// <summary>The Aurora cluster, when it is one: the instance that writes is watched. Default: none.</summary>
    public string? RdsClusterId { get; init; }
}

/// <summary>What security group rules name as the database.</summary>
public abstract record DatabasePeer;

/// <summary>The database's security group; it gets an ingress rule.</summary>
public sealed record SecurityGroupPeer(string SecurityGroupId) : DatabasePeer;

/// <summary>An address range, for a database in another network.</summary>
public sealed record CidrPeer(string Cidr) : DatabasePeer;

/// <summary>An RDS for PostgreSQL instance of our own, for trying things out.</summary>
public sealed record CreatedDatabase : DatabaseLocation
{
    /// <summary>RDS instance class. Default: <see cref="Defaults.RdsInstanceClass"/>.</summary>
    public required string InstanceClass { get; init; }

    /// <summary>Storage. Default: <see cref="Defaults.RdsStorageGigabytes"/>.</summary>
    public required int StorageGigabytes { get; init; }
}

/// <summary>How a server proves who it is. Weaker modes encrypt without verifying, so they are not offered.</summary>
public enum TlsMode
{
    /// <summary>The certificate must be signed by a known authority and name the host.</summary>
    VerifyFull,

    /// <summary>The certificate must be signed by a known authority.</summary>
    VerifyCa,
}

/// <summary>TLS towards one database.</summary>
/// <param name="Mode">Default: <see cref="Defaults.TlsMode"/>.</param>
/// <param name="CaFile">PEM file below <c>infra/Environments</c>. Default: none, the region's RDS roots.</param>
public sealed record TlsSettings(TlsMode Mode, string? CaFile);

/// <summary>What a database's server is; DMS has an engine name for each.</summary>
public enum SourceEngine
{
    /// <summary>PostgreSQL, also on RDS.</summary>
    Postgres,

    /// <summary>Aurora PostgreSQL.</summary>
    AuroraPostgresql,
}

/// <summary>
/// The writes by which DMS moves an idle slot forward, so that it does not hold back the source's WAL
/// (docs/dms-contract.md#replication-slot).
/// </summary>
/// <param name="Schema">Schema of the heartbeat table. Default: <see cref="Defaults.HeartbeatSchema"/>.</param>
/// <param name="Minutes">Time between two writes. Default: <see cref="Defaults.HeartbeatMinutes"/>.</param>
public sealed record HeartbeatSettings(string Schema, int Minutes);

/// <summary>The database whose changes are captured.</summary>
public sealed record SourceSettings
{
    /// <summary>Where it is.</summary>
    public required DatabaseLocation Location { get; init; }

    /// <summary>The database's name.</summary>
    public required string Database { get; init; }

    /// <summary>
    /// The <c>host:port/database</c> that it was for the deployment before, when the same server has another name now. Default: it was not
    /// moved.
    /// </summary>
    public string? MovedFrom { get; init; }

    /// <summary>Default: <see cref="Defaults.Engine"/>.</summary>
    public required SourceEngine Engine { get; init; }

    /// <summary>TLS towards it.</summary>
    public required TlsSettings Tls { get; init; }

    /// <summary>The heartbeat; null when switched off. Default: on.</summary>
    public HeartbeatSettings? Heartbeat { get; init; }

    /// <summary>
    /// Whether DMS may create its audit table and event trigger, by which it learns of new columns.
    /// Default: <see cref="Defaults.CaptureDdl"/>.
    /// </summary>
    public required bool CaptureDdl { get; init; }
}

/// <summary>The database into which changes are merged.</summary>
public sealed record AnalyticsSettings
{
    /// <summary>
    /// The <c>host:port/database</c> at which it was for the deployment before, when it was moved from there or restored, with its ledger.
    /// Default: it was not moved.
    /// </summary>
    public string? MovedFrom { get; init; }

    /// <summary>Where it is.</summary>
    public required DatabaseLocation Location { get; init; }

    /// <summary>The database's name.</summary>
    public required string Database { get; init; }

    /// <summary>TLS towards it.</summary>
    public required TlsSettings Tls { get; init; }
}
