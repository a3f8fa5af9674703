using Amazon.CDK;
using Amazon.CDK.AWS.EC2;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.Logs;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Permissions;
using Constructs;

namespace CdcDms.Infra.Network;

/// <summary>What a VPC of the environment's own needs.</summary>
internal sealed record PrivateVpcProps
{
    public required CreatedNetwork Settings { get; init; }

    /// <summary>What happens to the log of refused connections when the stack goes.</summary>
    public required RemovalPolicy LogRemoval { get; init; }
}

/// <summary>A VPC of private subnets, without a way to the internet. Connections that are refused are logged.</summary>
internal sealed class PrivateVpc : Vpc
{
    public PrivateVpc(Construct scope, string id, PrivateVpcProps props)
        : base(scope, id, new VpcProps
        {
            IpAddresses = Amazon.CDK.AWS.EC2.IpAddresses.Cidr(props.Settings.Cidr),
            AvailabilityZones = [.. props.Settings.AvailabilityZones],
            NatGateways = 0,
            SubnetConfiguration = [new SubnetConfiguration { Name = "private", SubnetType = SubnetType.PRIVATE_ISOLATED }],

            // Needs a Lambda that this CDK version makes on a runtime which AWS no longer creates; nothing uses the default group.
            RestrictDefaultSecurityGroup = false,
        })
    {
        var log = new LogGroup(this, "Refused", new LogGroupProps
        {
            Retention = RetentionDays.ONE_MONTH,
            RemovalPolicy = props.LogRemoval,
        });
        AddFlowLog("RefusedConnections", new FlowLogOptions
        {
            TrafficType = FlowLogTrafficType.REJECT,
            Destination = FlowLogDestination.ToCloudWatchLogs(log, new Role(this, "RefusedWriter", new RoleProps
            {
                AssumedBy = ServiceTrust.Of(this, ServiceTrust.FlowLogs),
            })),
        });
    }
}
