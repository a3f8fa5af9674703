using Amazon.CDK.AWS.DMS;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Stacks;
using CdcDms.Infra.Templates;

namespace CdcDms.Infra.Replication;

/// <summary>A replication instance with one task.</summary>
internal static class InstanceReplication
{
    public static BuiltReplication Build(
        ReplicationStack stack, InstanceCompute compute, ReplicationNames names, SourceEndpoint source, LakeEndpoint lake)
    {
        var subnets = SubnetGroup.Create(stack, names);
        var instance = new CfnReplicationInstance(stack, "Instance", new CfnReplicationInstanceProps
        {
            ReplicationInstanceIdentifier = names.Replication,
            ResourceIdentifier = names.Replication,
            ReplicationInstanceClass = compute.InstanceClass,
            AllocatedStorage = compute.StorageGigabytes,
            EngineVersion = compute.EngineVersion,

            // The version stands in the environment file: never by itself, always when asked.
            AutoMinorVersionUpgrade = false,
            AllowMajorVersionUpgrade = true,
            MultiAz = compute.MultiAz,
            PubliclyAccessible = false,
            KmsKeyId = stack.StorageKeyArn,
            ReplicationSubnetGroupIdentifier = subnets.Ref,
            VpcSecurityGroupIds = [stack.SecurityGroupId],
        });
        var task = new CfnReplicationTaskProps
        {
            ReplicationTaskIdentifier = names.Replication,
            ResourceIdentifier = names.Replication,
            MigrationType = stack.MigrationType,
            ReplicationInstanceArn = instance.Ref,
            SourceEndpointArn = source.Resource.Ref,
            TargetEndpointArn = lake.Resource.Ref,
            TableMappings = TableMappings.Json(stack.Settings.Tables),
            ReplicationTaskSettings = TaskSettings.Json(stack.Settings.Replication.LobKilobytes),
        };
        var resource = new CfnReplicationTask(stack, "Task", task);
        return new BuiltReplication(
            ReplicationKind.Task,
            resource.Ref,
            [subnets, instance, resource],
            [task],
            new Dictionary<string, string>
            {
                ["replication instance"] = names.Replication,
                ["replication instance's KMS key"] = Fingerprint.Text(stack, stack.StorageKeyArn),
            });
    }
}
