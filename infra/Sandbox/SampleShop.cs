using Amazon.CDK;
using Amazon.CDK.AWS.Events;
using Amazon.CDK.AWS.Events.Targets;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Permissions;
using Constructs;

namespace CdcDms.Infra.Sandbox;

/// <summary>What the sample shop needs.</summary>
internal sealed record SampleShopProps
{
    public required FunctionBundle Bundle { get; init; }

    public required FunctionNetwork Network { get; init; }

    public required SandboxDatabase Source { get; init; }

    public required SandboxDatabase Analytics { get; init; }

    /// <summary>What happens to the function's log when the stack goes.</summary>
    public required RemovalPolicy LogRemoval { get; init; }
}

/// <summary>
/// The function that prepares both databases while their stack is made, and so before DMS first starts, and that writes a little every
/// minute from then on, so that there is something to watch.
/// </summary>
internal sealed class SampleShop : Construct
{
    private static readonly Duration Timeout = Duration.Minutes(5);

    public SampleShop(Construct scope, string id, SampleShopProps props)
        : base(scope, id)
    {
        var shop = Function(props);
        var prepared = new FunctionResource(this, "Prepared", new FunctionResourceProps
        {
            Kind = "Sandbox",
            FunctionArn = shop.Function.FunctionArn,
            Timeout = Timeout,
        });
        prepared.Node.AddDependency(props.Source, props.Analytics);

        var minute = new Rule(this, "EveryMinute", new RuleProps
        {
            Description = "Lets the sample shop do some business",
            Schedule = Schedule.Rate(Duration.Minutes(1)),
            Targets = [new LambdaFunction(shop.Function, new LambdaFunctionProps { RetryAttempts = 0 })],
        });
        minute.Node.AddDependency(prepared);
    }

    private DotnetFunction Function(SampleShopProps props)
    {
        var secrets = new Dictionary<string, string>
        {
            [FunctionEnvironment.SandboxSourceOwner] = props.Source.Master.SecretArn,
            [FunctionEnvironment.SandboxSourceUser] = props.Source.Connection.SecretArn,
            [FunctionEnvironment.SandboxAnalyticsOwner] = props.Analytics.Master.SecretArn,
            [FunctionEnvironment.SandboxAnalyticsUser] = props.Analytics.Connection.SecretArn,
        };
        var function = new DotnetFunction(this, "Function", new DotnetFunctionProps
        {
            Name = FunctionNames.Sandbox,
            Description = "Makes the sample shop and lets it do some business",
            Bundle = props.Bundle,
            MemoryMegabytes = 512,
            Timeout = Timeout,
            LogRemoval = props.LogRemoval,
            Variables = secrets,
            Network = props.Network,
        });
        function.Role.Allow([.. secrets.Values], "secretsmanager:GetSecretValue");
        return function;
    }
}
