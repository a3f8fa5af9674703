using Amazon.CDK;
using Amazon.CDK.AWS.DMS;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Templates;
using Constructs;

namespace CdcDms.Infra.Replication;

/// <summary>What a replication on an instance needs.</summary>
internal sealed record InstanceReplicationResourcesProps
{
    public required InstanceCompute Compute { get; init; }

    /// <summary>What either kind of replication needs.</summary>
    public required ReplicationResourcesProps Common { get; init; }
}

/// <summary>A replication instance with one task.</summary>
internal sealed class InstanceReplicationResources : ReplicationResources
{
    private readonly CfnReplicationInstance _instance;
    private readonly CfnReplicationTask _task;
    private readonly CfnReplicationTaskProps _taskProps;

    public InstanceReplicationResources(Construct scope, string id, InstanceReplicationResourcesProps props)
        : base(scope, id, props.Common)
    {
        _instance = Instance(props.Compute, props.Common);
        _instance.AddDependency(new ReplicationLog(this, "Log", props.Common.Environment, Names.TaskLog).Resource);
        _taskProps = new CfnReplicationTaskProps
        {
            ReplicationTaskIdentifier = Names.Replication,
            ResourceIdentifier = Names.Replication,
            MigrationType = MigrationType,
            ReplicationInstanceArn = _instance.Ref,
            SourceEndpointArn = props.Common.Source.Resource.Ref,
            TargetEndpointArn = props.Common.Target.Resource.Ref,
            TableMappings = Mappings,
            ReplicationTaskSettings = Settings,
        };
        _task = new CfnReplicationTask(this, "Task", _taskProps);
        _task.OverrideLogicalId(PinnedIds.Task);
        Identity = new Dictionary<string, string>
        {
            ["replication instance"] = Names.Replication,
            ["replication instance's KMS key"] = TemplateFingerprint.Text(Stack.Of(this), props.Common.StorageKeyArn),
        };
    }

    public override ReplicationKind Kind => ReplicationKind.Task;

    public override string Arn => _task.Ref;

    public override IReadOnlyList<CfnResource> Resources => [Subnets, _instance, _task];

    // A new class or version restarts the instance: a task that runs meanwhile may fail instead of going on.
    public override object Fingerprinted => new object?[] { _taskProps, _instance.ReplicationInstanceClass, _instance.EngineVersion };

    public override IReadOnlyDictionary<string, string> Identity { get; }

    private CfnReplicationInstance Instance(InstanceCompute compute, ReplicationResourcesProps common)
    {
        var instance = new CfnReplicationInstance(this, "Instance", new CfnReplicationInstanceProps
        {
            ReplicationInstanceIdentifier = Names.Replication,
            ResourceIdentifier = Names.Replication,
            ReplicationInstanceClass = compute.InstanceClass,
            AllocatedStorage = compute.StorageGigabytes,
            EngineVersion = compute.EngineVersion,

            // The version stands in the environment file: never by itself, always when asked.
            AutoMinorVersionUpgrade = false,
            AllowMajorVersionUpgrade = true,
            MultiAz = compute.MultiAz,
            PubliclyAccessible = false,
            KmsKeyId = common.StorageKeyArn,
            ReplicationSubnetGroupIdentifier = Subnets.Ref,
            VpcSecurityGroupIds = [common.SecurityGroupId],
        });
        instance.OverrideLogicalId(PinnedIds.Instance);
        return instance;
    }
}
