using Amazon.CDK;
using Amazon.CDK.AWS.Events;
using Amazon.CDK.AWS.Events.Targets;
using Amazon.CDK.AWS.IAM;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Stacks;

namespace CdcDms.Infra.Sandbox;

/// <summary>
/// The function that prepares both databases while their stack is made, and so before DMS first starts, and that writes a little every
/// minute from then on, so that there is something to watch.
/// </summary>
internal static class SandboxShop
{
    public static void Create(
        DatabasesStack stack, NetworkStack network, FunctionBundle bundle, SandboxDatabase source, SandboxDatabase analytics, RemovalPolicy removal)
    {
        var secrets = new Dictionary<string, string>
        {
            [FunctionEnvironment.SandboxSourceOwner] = source.Master.SecretArn,
            [FunctionEnvironment.SandboxSourceUser] = source.Connection.SecretArn,
            [FunctionEnvironment.SandboxAnalyticsOwner] = analytics.Master.SecretArn,
            [FunctionEnvironment.SandboxAnalyticsUser] = analytics.Connection.SecretArn,
        };
        var shop = new DotnetFunction(stack, "Shop", new DotnetFunctionProps
        {
            Name = FunctionNames.Sandbox,
            Description = "Makes the sample shop and lets it do some business",
            Bundle = bundle,
            MemoryMegabytes = 512,
            Timeout = Duration.Minutes(5),
            LogRemoval = removal,
            Variables = secrets,
            Network = new FunctionNetwork(network.Vpc, network.Subnets, network.SecurityGroups.Functions),
        });
        shop.Role.AddToPolicy(new PolicyStatement(new PolicyStatementProps { Actions = ["secretsmanager:GetSecretValue"], Resources = [.. secrets.Values] }));
        var prepared = new CustomResource(stack, "Prepared", new CustomResourceProps
        {
            ResourceType = "Custom::CdcDmsSandbox",
            ServiceToken = shop.Function.FunctionArn,
        });
        ((CfnResource)prepared.Node.DefaultChild!).AddPropertyOverride("ServiceTimeout", "600");
        prepared.Node.AddDependency(source, analytics);

        var minute = new Rule(stack, "EveryMinute", new RuleProps
        {
            Description = "Lets the sample shop do some business",
            Schedule = Amazon.CDK.AWS.Events.Schedule.Rate(Duration.Minutes(1)),
            Targets = [new LambdaFunction(shop.Function, new LambdaFunctionProps { RetryAttempts = 0 })],
        });
        minute.Node.AddDependency(prepared);
    }
}
