using Amazon.CDK;
using Amazon.CDK.AWS.EC2;
using Amazon.CDK.AWS.IAM;
using Constructs;

namespace CdcDms.Infra.Network;

/// <summary>What the endpoints need.</summary>
internal sealed record ServiceEndpointsProps
{
    public required IVpc Vpc { get; init; }

    /// <summary>Who may talk to the endpoints.</summary>
    public required ISecurityGroup SecurityGroup { get; init; }

    /// <summary>Whether DMS writes into a stream.</summary>
    public required bool WithKinesis { get; init; }
}

/// <summary>
/// S3, Secrets Manager and, where there is a stream, Kinesis within a VPC that has no way to the internet. DMS 3.4.7 and later reaches
/// them over the VPC only (docs/dms-contract.md#s3-role-and-limits).
/// </summary>
internal sealed class ServiceEndpoints : Construct
{
    public ServiceEndpoints(Construct scope, string id, ServiceEndpointsProps props)
        : base(scope, id)
    {
        var s3 = new GatewayVpcEndpoint(this, "S3", new GatewayVpcEndpointProps
        {
            Vpc = props.Vpc,
            Service = GatewayVpcEndpointAwsService.S3,
        });
        foreach (var statement in WhatLeaves(Stack.Of(this)))
            s3.AddToPolicy(statement);
        _ = new InterfaceVpcEndpoint(this, "SecretsManager", new InterfaceVpcEndpointProps
        {
            Vpc = props.Vpc,
            Service = InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
            SecurityGroups = [props.SecurityGroup],
            Open = false,
        });
        if (props.WithKinesis)
            _ = new InterfaceVpcEndpoint(this, "Kinesis", new InterfaceVpcEndpointProps
            {
                Vpc = props.Vpc,
                Service = InterfaceVpcEndpointAwsService.KINESIS_STREAMS,
                SecurityGroups = [props.SecurityGroup],
                Open = false,
            });
    }

    // Nothing goes to a bucket of another account, whatever a function that was taken over may try, but the answers of custom resources to
    // CloudFormation, which have buckets of their own in each region.
    private static PolicyStatement[] WhatLeaves(Stack stack) =>
    [
        new(new PolicyStatementProps
        {
            Principals = [new AnyPrincipal()],
            Actions = ["s3:*"],
            Resources = ["*"],
            Conditions = new Dictionary<string, object>
            {
                ["StringEquals"] = new Dictionary<string, object> { ["aws:ResourceAccount"] = stack.Account },
            },
        }),
        new(new PolicyStatementProps
        {
            Principals = [new AnyPrincipal()],
            Actions = ["s3:PutObject"],
            Resources = [$"arn:{stack.Partition}:s3:::cloudformation-custom-resource-response-*"],
        }),
    ];
}
