using Amazon.CDK;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Stacks;

namespace CdcDms.Infra;

/// <summary>All stacks of one environment.</summary>
public sealed class Deployment
{
    /// <summary>Makes them.</summary>
    public Deployment(App app, DeploymentEnvironment environment)
    {
        Tags.Of(app).Add("Project", "CdcDms");
        Tags.Of(app).Add("Environment", environment.Name);

        Account = environment.DmsRoles == DmsRoles.Create ? new AccountStack(app, environment) : null;
        Network = new NetworkStack(app, environment);
        Lake = new LakeStack(app, environment);
        if (Account is not null)
            Lake.AddDependency(Account);
    }

    /// <summary>The account-wide roles; null when they exist already.</summary>
    public AccountStack? Account { get; }

    /// <summary>The VPC and its security groups.</summary>
    public NetworkStack Network { get; }

    /// <summary>The bucket.</summary>
    public LakeStack Lake { get; }

    /// <summary>Every stack there is.</summary>
    public IReadOnlyList<EnvironmentStack> Stacks => [.. ((EnvironmentStack?[])[Account, Network, Lake]).OfType<EnvironmentStack>()];
}
