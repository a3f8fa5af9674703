using CdcDms.Contract.Tables;

namespace CdcDms.Infra.Environments;

/// <summary>
/// Everything that one deployment is made of, read from <c>infra/Environments/NAME.json</c> and valid by construction:
/// no construct is built from anything else.
/// </summary>
public sealed record DeploymentEnvironment
{
    /// <summary>The file's name without extension; it stands in the name of every stack and of every DMS resource.</summary>
    public required string Name { get; init; }

    /// <summary>The AWS account, 12 digits.</summary>
    public required string Account { get; init; }

    /// <summary>The AWS region, such as <c>eu-central-1</c>.</summary>
    public required string Region { get; init; }

    /// <summary>Whether bucket, keys, databases and logs outlive their stacks. Default: <see cref="Defaults.KeepData"/>.</summary>
    public required bool KeepData { get; init; }

    /// <summary>
    /// Whether CloudFormation refuses to delete the stacks. Off until the first deploy has succeeded: a stack whose creation failed must
    /// be deleted before it can be created again. Default: <see cref="Defaults.TerminationProtection"/>.
    /// </summary>
    public required bool TerminationProtection { get; init; }

    /// <summary>What the organization asks of everything in its accounts.</summary>
    public required GovernanceSettings Governance { get; init; }

    /// <summary>Where DMS and the functions run.</summary>
    public required NetworkSettings Network { get; init; }

    /// <summary>The database whose changes are captured.</summary>
    public required SourceSettings Source { get; init; }

    /// <summary>The database into which they are merged.</summary>
    public required AnalyticsSettings Analytics { get; init; }

    /// <summary>The Parquet files on S3.</summary>
    public required LakeSettings Lake { get; init; }

    /// <summary>The DMS task and what it runs on.</summary>
    public required ReplicationSettings Replication { get; init; }

    /// <summary>The tables, at least one.</summary>
    public required IReadOnlyList<TableDefinition> Tables { get; init; }

    /// <summary>The hourly workflow.</summary>
    public required BatchSettings Batch { get; init; }

    /// <summary>How the analytics database is proven to hold what the source holds.</summary>
    public required ValidationSettings Validation { get; init; }

    /// <summary>How often somebody looks how the pipeline is.</summary>
    public required HealthSettings Health { get; init; }

    /// <summary>Who is told, and from which values on.</summary>
    public required AlarmSettings Alarms { get; init; }

    /// <summary>What it may cost. Default: nobody is told.</summary>
    public BudgetSettings? Budget { get; init; }
}
