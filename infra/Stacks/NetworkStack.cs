using Amazon.CDK.AWS.EC2;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Network;
using Constructs;

namespace CdcDms.Infra.Stacks;

/// <summary>The VPC, its endpoints, every security group and all their rules.</summary>
public sealed class NetworkStack : EnvironmentStack
{
    /// <summary>Makes the stack.</summary>
    public NetworkStack(Construct scope, DeploymentEnvironment environment)
        : base(scope, "network", environment, "CdcDms: VPC, endpoints and security groups")
    {
        Vpc = environment.Network switch
        {
            CreatedNetwork created => PrivateVpc.Create(this, created),
            ExistingNetwork existing => PrivateVpc.Import(this, existing),
            var other => throw new InvalidOperationException($"{other} is no network."),
        };
        Subnets = environment.Network is ExistingNetwork ? Vpc.PrivateSubnets : Vpc.IsolatedSubnets;
        SecurityGroups = new SecurityGroups(this, environment, Vpc);
        if (environment.Network is CreatedNetwork)
            PrivateVpc.AddEndpoints(this, Vpc, SecurityGroups.Endpoints);

        Offer(Vpc.VpcId, SecurityGroups.Dms.SecurityGroupId, SecurityGroups.Functions.SecurityGroupId);
        Offer([.. Subnets.Select(subnet => subnet.SubnetId)]);
        Offer([.. SecurityGroups.Databases.Values.Select(group => group.SecurityGroupId)]);
    }

    /// <summary>The VPC.</summary>
    public IVpc Vpc { get; }

    /// <summary>Private subnets in two zones or more.</summary>
    public IReadOnlyList<ISubnet> Subnets { get; }

    /// <summary>Who may talk to whom.</summary>
    public SecurityGroups SecurityGroups { get; }
}
