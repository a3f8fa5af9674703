using Amazon.CDK;
using CdcDms.Infra.Environments;
using Constructs;

namespace CdcDms.Infra.Stacks;

/// <summary>A stack of one environment. Account, region and zones are known, so that nothing is ever looked up.</summary>
public abstract class EnvironmentStack : Stack
{
    private readonly string[] zones;

    /// <summary>Makes the stack <c>cdcdms-ENVIRONMENT-PART</c>.</summary>
    protected EnvironmentStack(Construct scope, string part, DeploymentEnvironment environment, string description)
        : base(scope, $"cdcdms-{environment.Name}-{part}", new StackProps
        {
            Env = new Amazon.CDK.Environment { Account = environment.Account, Region = environment.Region },
            Description = description,
            TerminationProtection = environment.KeepData,
        })
    {
        Settings = environment;
        zones = [.. environment.Network.AvailabilityZones];
    }

    /// <summary>The environment that the stack belongs to.</summary>
    public DeploymentEnvironment Settings { get; }

    /// <summary>The environment's zones; the inherited property would look them up.</summary>
    public override string[] AvailabilityZones => zones;

    /// <summary>What happens to data when its stack goes.</summary>
    protected RemovalPolicy DataRemoval => Settings.KeepData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;

    /// <summary>
    /// Exports values for good, whether or not another stack of this version imports them: an export that disappears while the
    /// importing stack still has its old template stops the deploy.
    /// </summary>
    protected void Offer(params ReadOnlySpan<string> values)
    {
        foreach (var value in values)
            if (Token.IsUnresolved(value))
                ExportValue(value);
    }
}
