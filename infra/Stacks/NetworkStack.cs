using Amazon.CDK.AWS.EC2;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Network;
using Constructs;

namespace CdcDms.Infra.Stacks;

/// <summary>The VPC, its endpoints, every security group and all their rules.</summary>
public sealed class NetworkStack : EnvironmentStack
{
    /// <summary>Makes the stack.</summary>
    public NetworkStack(Construct scope, DeploymentEnvironment environment)
        : base(scope, StackNames.Network(environment), environment, "CdcDms: VPC, endpoints and security groups")
    {
        (Vpc, Subnets) = environment.Network switch
        {
            CreatedNetwork created => Created(new PrivateVpc(this, "Vpc", new PrivateVpcProps
            {
                Settings = created,
                LogRemoval = DataRemoval,
            })),
            ExistingNetwork existing => Given(new GivenVpc(this, "Vpc", new GivenVpcProps { Settings = existing }).Vpc),
            var other => throw new InvalidOperationException($"{other} is no network."),
        };
        SecurityGroups = new SecurityGroups(this, "SecurityGroups", new SecurityGroupsProps
        {
            Vpc = Vpc,
            Source = environment.Source.Location,
            Analytics = environment.Analytics.Location,
            ReadSource = environment.Validation.Source,
            Network = environment.Network,
        });
        if (environment.Network is CreatedNetwork)
            _ = new ServiceEndpoints(this, "ServiceEndpoints", new ServiceEndpointsProps
            {
                Vpc = Vpc,
                SecurityGroup = SecurityGroups.Endpoints!,
                WithKinesis = environment.Replication.Route is StreamRoute,
            });

        Offer(Vpc.VpcId, SecurityGroups.Dms.SecurityGroupId);
        Offer(SecurityGroups.Mergers.SecurityGroupId, SecurityGroups.SourceReaders.SecurityGroupId);
        Offer([.. Subnets.Select(subnet => subnet.SubnetId)]);
        Offer([.. SecurityGroups.Databases.Values.Select(group => group.SecurityGroupId)]);
    }

    /// <summary>The VPC.</summary>
    public IVpc Vpc { get; }

    /// <summary>Private subnets in two zones or more.</summary>
    public IReadOnlyList<ISubnet> Subnets { get; }

    /// <summary>Who may talk to whom.</summary>
    public SecurityGroups SecurityGroups { get; }

    private static (IVpc Vpc, ISubnet[] Subnets) Created(Vpc vpc) => (vpc, vpc.IsolatedSubnets);

    private static (IVpc Vpc, ISubnet[] Subnets) Given(IVpc vpc) => (vpc, vpc.PrivateSubnets);
}
