using Amazon.CDK;
using Amazon.CDK.AWS.DMS;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Templates;
using Constructs;

namespace CdcDms.Infra.Replication;

/// <summary>What a serverless replication needs.</summary>
internal sealed record ServerlessReplicationResourcesProps
{
    public required ServerlessCompute Compute { get; init; }

    /// <summary>What either kind of replication needs.</summary>
    public required ReplicationResourcesProps Common { get; init; }
}

/// <summary>
/// A serverless replication: it has no instance, and an API of its own to start and stop it (docs/dms-contract.md#serverless).
/// </summary>
internal sealed class ServerlessReplicationResources : ReplicationResources
{
    private readonly CfnReplicationConfig _config;
    private readonly CfnReplicationConfigProps _configProps;

    public ServerlessReplicationResources(Construct scope, string id, ServerlessReplicationResourcesProps props)
        : base(scope, id, props.Common)
    {
        var (compute, common) = (props.Compute, props.Common);
        _configProps = new CfnReplicationConfigProps
        {
            ReplicationConfigIdentifier = Names.Replication,
            ResourceIdentifier = Names.Replication,
            ReplicationType = MigrationType,
            SourceEndpointArn = common.Source.Resource.Ref,
            TargetEndpointArn = common.Target.Resource.Ref,
            TableMappings = TemplateObject.Of(Mappings),
            ReplicationSettings = TemplateObject.Of(Settings),
            ComputeConfig = new CfnReplicationConfig.ComputeConfigProperty
            {
                MinCapacityUnits = compute.MinCapacityUnits,
                MaxCapacityUnits = compute.MaxCapacityUnits,
                MultiAz = compute.MultiAz,
                KmsKeyId = common.StorageKeyArn,
                ReplicationSubnetGroupId = Subnets.Ref,
                VpcSecurityGroupIds = [common.SecurityGroupId],
            },
        };
        _config = new CfnReplicationConfig(this, "Serverless", _configProps);
        _config.OverrideLogicalId(PinnedIds.Serverless);
        _config.AddDependency(new ReplicationLog(this, "Log", common.Environment, Names.ServerlessLog).Resource);
    }

    public override ReplicationKind Kind => ReplicationKind.Serverless;

    public override string Arn => _config.Ref;

    public override IReadOnlyList<CfnResource> Resources => [Subnets, _config];

    public override object Fingerprinted => _configProps;

    public override IReadOnlyDictionary<string, string> Identity =>
        new Dictionary<string, string> { ["serverless replication"] = Names.Replication };
}
