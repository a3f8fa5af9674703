using Amazon.CDK.AWS.DMS;
using CdcDms.Infra.Naming;
using Constructs;

namespace CdcDms.Infra.Replication;

/// <summary>What the subnet group needs.</summary>
internal sealed record SubnetGroupProps
{
    public required ReplicationNames Names { get; init; }

    public required IReadOnlyList<string> SubnetIds { get; init; }
}

/// <summary>The subnets that DMS may use.</summary>
internal sealed class SubnetGroup : CfnReplicationSubnetGroup
{
    public SubnetGroup(Construct scope, string id, SubnetGroupProps props)
        : base(scope, id, new CfnReplicationSubnetGroupProps
        {
            ReplicationSubnetGroupIdentifier = props.Names.Replication,
            ReplicationSubnetGroupDescription = $"Private subnets of {props.Names.Prefix}",
            SubnetIds = [.. props.SubnetIds],
        }) =>
        OverrideLogicalId(PinnedIds.SubnetGroup);
}
