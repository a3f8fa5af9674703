using Amazon.CDK;
using CdcDms.Contract;
using CdcDms.Infra;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Environments.Reading;
using CdcDms.Infra.Functions;

// Which Node versions work is said by package.json; the banner would hide what matters.
System.Environment.SetEnvironmentVariable("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "1");
try
{
    var app = new App(new AppProps { AnalyticsReporting = false });
    AddStacks(app);
    app.Synth();
    return 0;
}
catch (CdcDmsException fault)
{
    await Console.Error.WriteLineAsync(fault.Message).ConfigureAwait(false);
    return 1;
}

static void AddStacks(App app)
{
    var name = app.Node.TryGetContext("env") as string ?? throw new CdcDmsException(
        ErrorKind.BadDefinition,
        "Choose an environment with -c env=NAME; NAME.json stands in infra/Environments.");
    var environment = EnvironmentFile.Load(Path.Combine("infra", "Environments"), name);

    // A run on one machine has the functions made for that machine, whatever processor the environment names.
    if (app.Node.TryGetContext("architecture") is string processor)
    {
        var architecture = processor == "arm64" ? FunctionArchitecture.Arm64 : FunctionArchitecture.X64;
        environment = environment with { Batch = environment.Batch with { Architecture = architecture } };
    }

    var bundle = FunctionBundle.Publish(environment.Batch.Architecture);
    _ = new EnvironmentStacks(app, environment, bundle, Directory.GetCurrentDirectory());
}
