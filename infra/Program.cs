using Amazon.CDK;
using CdcDms.Contract;
using CdcDms.Infra;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Environments.Reading;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Lifecycle;
using CdcDms.Infra.Policies;
using CdcDms.Infra.Stacks;

// Which Node versions work is said by package.json; the banner would hide what matters.
System.Environment.SetEnvironmentVariable("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "1");
try
{
    // Two templates of the replication's stack: what deploying the second over the first would do to it.
    if (args is ["effect", var from, var to])
    {
        Console.WriteLine(DeploymentEffect.Of(File.ReadAllText(from), File.ReadAllText(to)) ?? "The replication runs on.");
        return 0;
    }

    var app = PipelineApp.Create();
    AddStacks(app);
    PolicyCheck.Require(app.Synth());
    return 0;
}
catch (CdcDmsException fault)
{
    await Console.Error.WriteLineAsync(fault.Message).ConfigureAwait(false);
    return 1;
}

static void AddStacks(App app)
{
    if (app.Node.TryGetContext("account") is string of)
    {
        _ = new AccountStack(app, Load(of));
        return;
    }

    if (app.Node.TryGetContext("github") is string deployed)
    {
        _ = new GithubStack(app, Load(deployed));
        return;
    }

    var environment = Load(app.Node.TryGetContext("env") as string ?? throw new CdcDmsException(
        ErrorKind.BadDefinition,
        "Choose an environment with -c env=NAME; NAME.json stands in infra/Environments."));

    // A run on one machine has the functions made for that machine, whatever processor the environment names.
    if (app.Node.TryGetContext("architecture") is string processor)
    {
        var architecture = processor == "arm64" ? FunctionArchitecture.Arm64 : FunctionArchitecture.X64;
        environment = environment with { Batch = environment.Batch with { Architecture = architecture } };
    }

    var bundle = FunctionBundle.Publish(environment.Batch.Architecture);
    _ = new EnvironmentStacks(app, environment, bundle, Directory.GetCurrentDirectory());
}

static DeploymentEnvironment Load(string name) => EnvironmentFile.Load(Path.Combine("infra", "Environments"), name);
