using Amazon.CDK;
using CdcDms.Infra.Environments;
using Constructs;

namespace CdcDms.Infra.Stacks;

/// <summary>A stack of one environment. Account, region and zones are known, so that nothing is ever looked up.</summary>
public abstract class EnvironmentStack : Stack
{
    private readonly string[] _zones;

    /// <summary>Makes an empty stack.</summary>
    protected EnvironmentStack(Construct scope, string name, DeploymentEnvironment environment, string description)
        : base(scope, name, new StackProps
        {
            Env = new Amazon.CDK.Environment { Account = environment.Account, Region = environment.Region },
            Description = description,
            TerminationProtection = environment.TerminationProtection,
        })
    {
        _zones = [.. environment.Network.AvailabilityZones];
        DataRemoval = environment.KeepData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
    }

    /// <summary>The environment's zones; the inherited property would look them up.</summary>
    public override string[] AvailabilityZones => _zones;

    /// <summary>
    /// What happens to data and logs when their stack goes. What a failed creation made is removed with it in either case: it holds
    /// nothing yet, and would stand in the way of the next try.
    /// </summary>
    protected RemovalPolicy DataRemoval { get; }

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
