using Amazon.CDK.AWS.EC2;
using Constructs;

namespace CdcDms.Infra.Network;

/// <summary>What the endpoints need.</summary>
internal sealed record ServiceEndpointsProps
{
    public required IVpc Vpc { get; init; }

    /// <summary>Who may talk to the endpoints.</summary>
    public required ISecurityGroup SecurityGroup { get; init; }
}

/// <summary>
/// S3 and Secrets Manager within a VPC that has no way to the internet. DMS 3.4.7 and later reaches both over the VPC only
/// (docs/dms-contract.md#s3-role-and-limits).
/// </summary>
internal sealed class ServiceEndpoints : Construct
{
    public ServiceEndpoints(Construct scope, string id, ServiceEndpointsProps props)
        : base(scope, id)
    {
        _ = new GatewayVpcEndpoint(this, "S3", new GatewayVpcEndpointProps
        {
            Vpc = props.Vpc,
            Service = GatewayVpcEndpointAwsService.S3,
        });
        _ = new InterfaceVpcEndpoint(this, "SecretsManager", new InterfaceVpcEndpointProps
        {
            Vpc = props.Vpc,
            Service = InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
            SecurityGroups = [props.SecurityGroup],
            Open = false,
        });
    }
}
