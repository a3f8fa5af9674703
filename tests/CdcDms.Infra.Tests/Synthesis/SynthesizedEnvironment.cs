using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Amazon.CDK;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Stacks;
using CdcDms.Infra.Templates;
using CdcDms.Infra.Tests.Environments;

namespace CdcDms.Infra.Tests.Synthesis;

/// <summary>
/// The templates of one environment. Synthesis takes seconds, so each environment is synthesized once and shared by all tests;
/// nothing is published: a stub folder stands for the functions.
/// </summary>
internal sealed class SynthesizedEnvironment
{
    private static readonly ConcurrentDictionary<string, Lazy<SynthesizedEnvironment>> Shared = [];

    // One jsii process serves all tests, and it is not made for two callers at a time.
    private static readonly Lock Jsii = new();

    static SynthesizedEnvironment() => System.Environment.SetEnvironmentVariable("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "1");

    private SynthesizedEnvironment(DeploymentEnvironment environment)
    {
        Environment = environment;
        var folder = Directory.CreateTempSubdirectory("cdcdms-synth-");
        try
        {
            var app = PipelineApp.Create(folder.FullName, FeatureFlags());
            var functions = folder.CreateSubdirectory("functions");
            File.WriteAllText(Path.Combine(functions.FullName, "stub"), "");
            var bundle = new FunctionBundle(functions.FullName, environment.Batch.Architecture);
            var stacks = new EnvironmentStacks(app, environment, bundle, Repository.Root);
            app.Synth();
            Manifest = File.ReadAllText(Path.Combine(folder.FullName, "manifest.json"));
            OperatedTables = File.ReadAllText(Assert.Single(
                Directory.GetDirectories(folder.FullName, "asset.*").Select(asset => Path.Combine(asset, "tables.json")), File.Exists));
            Templates = stacks.All.ToDictionary(
                stack => stack.StackName,
                stack => JsonNode.Parse(File.ReadAllText(Path.Combine(folder.FullName, stack.TemplateFile)))!.AsObject());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>What was synthesized.</summary>
    public DeploymentEnvironment Environment { get; }

    /// <summary>The assembly's manifest, in which CDK's warnings stand.</summary>
    public string Manifest { get; }

    /// <summary>The file of table definitions beside the operate function.</summary>
    public string OperatedTables { get; }

    /// <summary>Templates by stack name.</summary>
    public IReadOnlyDictionary<string, JsonObject> Templates { get; }

    /// <summary>Every environment of the folder: a file that a team adds is held to the same rules.</summary>
    public static TheoryData<string> Names =>
        [.. Directory.EnumerateFiles(Repository.Environments, "*.json")
            .Select(file => Path.GetFileNameWithoutExtension(file))
            .Where(name => !name.EndsWith(".schema", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)];

    /// <summary>A sample environment, synthesized once.</summary>
    public static SynthesizedEnvironment Of(string name) =>
        Shared.GetOrAdd(name, key => new Lazy<SynthesizedEnvironment>(() => Of(new EnvironmentJson(key)))).Value;

    /// <summary>A changed sample environment, synthesized anew.</summary>
    public static SynthesizedEnvironment Of(EnvironmentJson json)
    {
        lock (Jsii)
            return new SynthesizedEnvironment(json.Read());
    }

    /// <summary>The template of the stack of an environment's account.</summary>
    public static JsonObject AccountOf(EnvironmentJson json) => TemplateOf(app => new AccountStack(app, json.Read()));

    /// <summary>The template of the stack of GitHub's roles for an environment.</summary>
    public static JsonObject GithubOf(EnvironmentJson json) => TemplateOf(app => new GithubStack(app, json.Read()));

    /// <summary>Does something with constructs while nobody else does.</summary>
    public static void Alone(Action act)
    {
        lock (Jsii)
            act();
    }

    /// <summary>What the region of an environment lacks.</summary>
    public static IReadOnlyList<string> RegionFaultsOf(DeploymentEnvironment environment)
    {
        lock (Jsii)
            return [.. EnvironmentStacks.RegionFaults(environment)];
    }

    /// <summary>The template of one of the environment's stacks, such as <c>lake</c>.</summary>
    public TemplateResources Stack(string part) => new(Templates[$"cdcdms-{Environment.Name}-{part}"]);

    /// <summary>Every resource of every stack.</summary>
    public IEnumerable<TemplateResource> AllResources() => Templates.SelectMany(template => new TemplateResources(template.Value).All);

    private static JsonObject TemplateOf(Func<App, Stack> make)
    {
        lock (Jsii)
        {
            var folder = Directory.CreateTempSubdirectory("cdcdms-synth-");
            try
            {
                var app = PipelineApp.Create(folder.FullName, FeatureFlags());
                var stack = make(app);
                app.Synth();
                return JsonNode.Parse(File.ReadAllText(Path.Combine(folder.FullName, stack.TemplateFile)))!.AsObject();
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }
    }

    // The CLI hands cdk.json's context to the program; tests must see the same constructs.
    private static Dictionary<string, object> FeatureFlags() =>
        JsonNode.Parse(Repository.Read("cdk.json"))!["context"]!.AsObject().ToDictionary(
            flag => flag.Key,
            flag => flag.Value!.GetValueKind() == JsonValueKind.Array
                ? (object)flag.Value.AsArray().Select(value => value!.GetValue<string>()).ToArray()
                : flag.Value.GetValue<bool>());
}
