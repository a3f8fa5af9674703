using System.Globalization;
using System.Text.Json.Nodes;
using CdcDms.Contract.Functions;
using CdcDms.Local.LambdaHost;

namespace CdcDms.Local.Workflow;

/// <summary>The batch stack of a synthesis: its state machines and its functions, by the names that they have on this machine.</summary>
internal sealed class SynthesizedWorkflow
{
    private readonly JsonObject _resources;

    /// <summary>Reads the stack.</summary>
    /// <param name="folder">The synthesis.</param>
    /// <param name="environment">Its environment.</param>
    public SynthesizedWorkflow(string folder, string environment)
    {
        var stack = Path.Combine(folder, WorkflowNames.Stack(environment));
        _resources = JsonNode.Parse(File.ReadAllText($"{stack}.template.json"))!["Resources"]!.AsObject();
        Bundle = Path.Combine(folder, CodeIn($"{stack}.assets.json"));
        Machines = OfType("AWS::StepFunctions::StateMachine").ToDictionary(
            machine => machine["StateMachineName"]!.GetValue<string>(),
            machine => JsonNode.Parse(Text(machine["DefinitionString"]!))!.AsObject());
        Start = WorkflowNames.Workflow(environment);
        Proof = WorkflowNames.ProofWorkflow(environment);
        Reload = WorkflowNames.ReloadWorkflow(environment);
        Health = WorkflowNames.HealthWorkflow(environment);
    }

    /// <summary>Folder of the published functions.</summary>
    public string Bundle { get; }

    /// <summary>The definitions by the state machines' names.</summary>
    public IReadOnlyDictionary<string, JsonObject> Machines { get; }

    /// <summary>The state machine over all tables.</summary>
    public string Start { get; }

    /// <summary>The state machine of full proofs.</summary>
    public string Proof { get; }

    /// <summary>The state machine that has DMS load tables again.</summary>
    public string Reload { get; }

    /// <summary>The state machine that looks how the pipeline is.</summary>
    public string Health { get; }

    /// <summary>The functions, as the template sets them up.</summary>
    /// <param name="connections">Variables that say where databases and lake are, in place of the secrets.</param>
    public IEnumerable<LocalFunction> Functions(IReadOnlyDictionary<string, string> connections) =>
        OfType("AWS::Lambda::Function").Select(function => new LocalFunction
        {
            Name = Name(function),
            BundleFolder = Bundle,
            Handler = function["Handler"]!.GetValue<string>(),
            TimeoutSeconds = function["Timeout"]!.GetValue<int>(),
            MemoryMegabytes = function["MemorySize"]!.GetValue<int>(),
            Environment = new Dictionary<string, string>(connections)
            {
                [FunctionEnvironment.Function] = Name(function),
                [FunctionEnvironment.EnvironmentName] = Variable(function, FunctionEnvironment.EnvironmentName),
            },
        });

    private IEnumerable<JsonObject> OfType(string type) =>
        _resources
            .Where(resource => resource.Value!["Type"]!.GetValue<string>() == type)
            .Select(resource => resource.Value!["Properties"]!.AsObject());

    /// <summary>A text of the template, with names of this machine for what exists only once it is deployed.</summary>
    private string Text(JsonNode node) => node switch
    {
        JsonValue value => value.GetValue<string>(),
        JsonObject join when join["Fn::Join"] is JsonArray parts => string.Concat(parts[1]!.AsArray().Select(part => Text(part!))),
        JsonObject attribute when attribute["Fn::GetAtt"] is JsonArray of => Name(_resources[of[0]!.GetValue<string>()]!["Properties"]!),
        JsonObject reference when reference["Ref"]?.GetValue<string>() is { } id =>
            id == "AWS::Partition" ? "aws" : _resources[id]!["Properties"]!["StateMachineName"]!.GetValue<string>(),
        JsonObject import when import["Fn::ImportValue"]?.GetValue<string>() is { } export =>
            export.Replace(':', '-').ToLower(CultureInfo.InvariantCulture),
        _ => throw new InvalidDataException($"The template has {node.ToJsonString()} where a text is expected."),
    };

    private static string Name(JsonNode function) => Variable(function, FunctionEnvironment.Function);

    private static string Variable(JsonNode function, string name) => function["Environment"]!["Variables"]![name]!.GetValue<string>();

    // All functions are one asset, and a layer is another.
    private string CodeIn(string assets)
    {
        var code = OfType("AWS::Lambda::Function").Select(function => function["Code"]!["S3Key"]!.GetValue<string>()).Distinct().Single();
        var file = JsonNode.Parse(File.ReadAllText(assets))!["files"]![Path.GetFileNameWithoutExtension(code)]!;
        return file["source"]!["path"]!.GetValue<string>();
    }
}
