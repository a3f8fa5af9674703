using Amazon.CDK;
using Amazon.CDK.AWS.EC2;
using CdcDms.Infra.Environments;
using Constructs;

namespace CdcDms.Infra.Network;

/// <summary>What is known of a VPC that exists already.</summary>
internal sealed record GivenVpcProps
{
    public required ExistingNetwork Settings { get; init; }
}

/// <summary>A VPC that exists already, as the environment file describes it: nothing is looked up.</summary>
internal sealed class GivenVpc : Construct
{
    public GivenVpc(Construct scope, string id, GivenVpcProps props)
        : base(scope, id)
    {
        Vpc = Amazon.CDK.AWS.EC2.Vpc.FromVpcAttributes(this, "Vpc", new VpcAttributes
        {
            VpcId = props.Settings.VpcId,
            VpcCidrBlock = props.Settings.Cidr,
            AvailabilityZones = [.. props.Settings.AvailabilityZones],
            PrivateSubnetIds = [.. props.Settings.SubnetIds],
        });
        Annotations.Of(Vpc).AcknowledgeWarning(
            "@aws-cdk/aws-ec2:noSubnetRouteTableId",
            "Nothing here touches the route tables of a given network.");
    }

    public IVpc Vpc { get; }
}
