using Amazon.CDK;
using Amazon.CDK.AWS.EC2;
using CdcDms.Infra.Environments;
using Constructs;

namespace CdcDms.Infra.Network;

/// <summary>A VPC whose private subnets reach S3 and Secrets Manager without the internet.</summary>
internal static class PrivateVpc
{
    public static IVpc Create(Construct scope, CreatedNetwork network) => new Vpc(scope, "Vpc", new VpcProps
    {
        IpAddresses = IpAddresses.Cidr(network.Cidr),
        AvailabilityZones = [.. network.AvailabilityZones],
        NatGateways = 0,
        SubnetConfiguration = [new SubnetConfiguration { Name = "private", SubnetType = SubnetType.PRIVATE_ISOLATED }],

        // Needs a Lambda that this CDK version makes on a runtime which AWS no longer creates; nothing uses the default group.
        RestrictDefaultSecurityGroup = false,
    });

    public static IVpc Import(Construct scope, ExistingNetwork network)
    {
        var vpc = Vpc.FromVpcAttributes(scope, "Vpc", new VpcAttributes
        {
            VpcId = network.VpcId,
            VpcCidrBlock = network.Cidr,
            AvailabilityZones = [.. network.AvailabilityZones],
            PrivateSubnetIds = [.. network.SubnetIds],
        });
        Annotations.Of(vpc).AcknowledgeWarning("@aws-cdk/aws-ec2:noSubnetRouteTableId", "Nothing here touches the route tables of a given network.");
        return vpc;
    }

    /// <summary>DMS 3.4.7 and later reaches both services over the VPC only (docs/dms-contract.md#s3-role-and-limits).</summary>
    public static void AddEndpoints(Construct scope, IVpc vpc, ISecurityGroup endpoints)
    {
        _ = new GatewayVpcEndpoint(scope, "S3", new GatewayVpcEndpointProps { Vpc = vpc, Service = GatewayVpcEndpointAwsService.S3 });
        _ = new InterfaceVpcEndpoint(scope, "SecretsManager", new InterfaceVpcEndpointProps
        {
            Vpc = vpc,
            Service = InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
            SecurityGroups = [endpoints],
            Open = false,
        });
    }
}
