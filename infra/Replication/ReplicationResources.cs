using Amazon.CDK;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Naming;
using Constructs;

namespace CdcDms.Infra.Replication;

/// <summary>What either kind of replication needs.</summary>
internal sealed record ReplicationResourcesProps
{
    public required DeploymentEnvironment Environment { get; init; }

    public required SourceEndpoint Source { get; init; }

    public required ReplicationTarget Target { get; init; }

    /// <summary>The private subnets that DMS may use.</summary>
    public required IReadOnlyList<string> SubnetIds { get; init; }

    public required string SecurityGroupId { get; init; }

    /// <summary>Encrypts DMS's own storage.</summary>
    public required string StorageKeyArn { get; init; }
}

/// <summary>What moves the changes: a task on an instance, or a serverless replication.</summary>
internal abstract class ReplicationResources : Construct
{
    protected ReplicationResources(Construct scope, string id, ReplicationResourcesProps props)
        : base(scope, id)
    {
        Names = new ReplicationNames(props.Environment);
        MigrationType = props.Environment.Replication.Start is FullLoadThenChanges ? "full-load-and-cdc" : "cdc";
        Mappings = TableMappings.Json(props.Environment.Tables, props.Environment.Replication.Route);
        Settings = TaskSettings.Json(
            props.Environment.Replication.LobKilobytes,
            LoadPace.Of(props.Environment.Replication, props.Environment.Tables)
                ?? throw new InvalidOperationException("An environment whose large values do not fit into memory is not read."),
            props.Environment.Replication.Route);
        Subnets = new SubnetGroup(this, "Subnets", new SubnetGroupProps { Names = Names, SubnetIds = props.SubnetIds });
    }

    /// <summary>Which of the two.</summary>
    public abstract ReplicationKind Kind { get; }

    /// <summary>The task's or the serverless replication's ARN.</summary>
    public abstract string Arn { get; }

    /// <summary>All resources, none of which may change before the replication has stopped.</summary>
    public abstract IReadOnlyList<CfnResource> Resources { get; }

    /// <summary>Properties that DMS changes only while the replication is stopped.</summary>
    public abstract object Fingerprinted { get; }

    /// <summary>Properties that CloudFormation answers with a replacement, by a name for people.</summary>
    public abstract IReadOnlyDictionary<string, string> Identity { get; }

    /// <summary>DMS's name of where changes are captured from.</summary>
    public string MigrationType { get; }

    protected ReplicationNames Names { get; }

    /// <summary>The table mappings, as JSON text.</summary>
    protected string Mappings { get; }

    /// <summary>The task settings, as JSON text.</summary>
    protected string Settings { get; }

    protected SubnetGroup Subnets { get; }
}
