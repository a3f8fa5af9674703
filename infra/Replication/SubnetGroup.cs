using Amazon.CDK.AWS.DMS;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Stacks;

namespace CdcDms.Infra.Replication;

/// <summary>The subnets that DMS may use.</summary>
internal static class SubnetGroup
{
    public static CfnReplicationSubnetGroup Create(ReplicationStack stack, ReplicationNames names) => new(stack, "Subnets", new CfnReplicationSubnetGroupProps
    {
        ReplicationSubnetGroupIdentifier = names.Replication,
        ReplicationSubnetGroupDescription = $"Private subnets of {names.Prefix}",
        SubnetIds = [.. stack.SubnetIds],
    });
}
