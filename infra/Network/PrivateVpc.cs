using Amazon.CDK.AWS.EC2;
using CdcDms.Infra.Environments;
using Constructs;

namespace CdcDms.Infra.Network;

/// <summary>What a VPC of the environment's own needs.</summary>
internal sealed record PrivateVpcProps
{
    public required CreatedNetwork Settings { get; init; }
}

/// <summary>A VPC of private subnets, without a way to the internet.</summary>
internal sealed class PrivateVpc(Construct scope, string id, PrivateVpcProps props) : Vpc(scope, id, new VpcProps
{
    IpAddresses = Amazon.CDK.AWS.EC2.IpAddresses.Cidr(props.Settings.Cidr),
    AvailabilityZones = [.. props.Settings.AvailabilityZones],
    NatGateways = 0,
    SubnetConfiguration = [new SubnetConfiguration { Name = "private", SubnetType = SubnetType.PRIVATE_ISOLATED }],

    // Needs a Lambda that this CDK version makes on a runtime which AWS no longer creates; nothing uses the default group.
    RestrictDefaultSecurityGroup = false,
});
