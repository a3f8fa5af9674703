using System.Text.Json.Nodes;
using CdcDms.Contract.Functions;
using CdcDms.Local.Workflow;

namespace CdcDms.Local.Tests.Workflow;

/// <summary>A state machine of the replication stack of dev, as it is synthesized, run by the interpreter.</summary>
internal static class SynthesizedMachine
{
    /// <summary>The folder of what is synthesized.</summary>
    public static Task<string> FolderAsync() => Synthesis.FolderAsync("dev", new Progress<string>(), CancellationToken.None);

    /// <summary>Runs a state machine to its end, without waits.</summary>
    /// <param name="name">The state machine's name.</param>
    /// <param name="input">Its input, JSON.</param>
    /// <param name="service">What the interpreter is to call, <c>dms</c> or <c>lambda</c>, and its address.</param>
    /// <param name="function">The function that the definition names. Default: it names none.</param>
    /// <returns>The interpreter's last word.</returns>
    public static async Task<JsonNode> RunAsync(string name, string input, (string Name, Uri Url) service, string function = "none")
    {
        var definition = Definition(await FolderAsync(), name, function);
        return await WorkflowProcess.RunAsync(
            new JsonObject
            {
                ["machines"] = new JsonObject { [name] = definition },
                ["start"] = name,
                ["input"] = JsonNode.Parse(input),
                [service.Name] = service.Url.ToString(),
                ["waitMilliseconds"] = 1,
            },
            (JsonObject _) => { },
            TestContext.Current.CancellationToken);
    }

    // What exists only once it is deployed: the partition and the like are references, the ARNs of the stack's own resources are not.
    private static JsonNode Definition(string folder, string name, string function)
    {
        var template = File.ReadAllText(Path.Combine(folder, $"{WorkflowNames.ReplicationStack("dev")}.template.json"));
        var machine = JsonNode.Parse(template)!["Resources"]!.AsObject().Select(resource => resource.Value!["Properties"])
            .Single(properties => properties?["StateMachineName"]?.GetValue<string>() == name)!;
        return JsonNode.Parse(string.Concat(machine["DefinitionString"]!["Fn::Join"]![1]!.AsArray().Select(part =>
            part is JsonValue text ? text.GetValue<string>() : part!["Ref"] is not null ? "aws" : function)))!;
    }
}
