using Amazon.CDK.AWS.DMS;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Stacks;
using CdcDms.Infra.Templates;

namespace CdcDms.Infra.Replication;

/// <summary>A serverless replication: it has no instance, and a life API of its own (docs/dms-contract.md#serverless).</summary>
internal static class ServerlessReplication
{
    public static BuiltReplication Build(
        ReplicationStack stack, ServerlessCompute compute, ReplicationNames names, SourceEndpoint source, LakeEndpoint lake)
    {
        var subnets = SubnetGroup.Create(stack, names);
        var config = new CfnReplicationConfigProps
        {
            ReplicationConfigIdentifier = names.Replication,
            ResourceIdentifier = names.Replication,
            ReplicationType = stack.MigrationType,
            SourceEndpointArn = source.Resource.Ref,
            TargetEndpointArn = lake.Resource.Ref,
            TableMappings = TemplateObject.Of(TableMappings.Json(stack.Settings.Tables)),
            ReplicationSettings = TemplateObject.Of(TaskSettings.Json(stack.Settings.Replication.LobKilobytes)),
            ComputeConfig = new CfnReplicationConfig.ComputeConfigProperty
            {
                MinCapacityUnits = compute.MinCapacityUnits,
                MaxCapacityUnits = compute.MaxCapacityUnits,
                MultiAz = compute.MultiAz,
                KmsKeyId = stack.StorageKeyArn,
                ReplicationSubnetGroupId = subnets.Ref,
                VpcSecurityGroupIds = [stack.SecurityGroupId],
            },
        };
        var resource = new CfnReplicationConfig(stack, "Serverless", config);
        return new BuiltReplication(
            ReplicationKind.Serverless,
            resource.Ref,
            [subnets, resource],
            [config],
            new Dictionary<string, string> { ["serverless replication"] = names.Replication });
    }
}
