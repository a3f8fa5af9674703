using System.Text.Json.Nodes;
using CdcDms.Contract.Functions;
using CdcDms.Pipeline.Preflight;

namespace CdcDms.Local.Workflow;

/// <summary>The replication stack of a synthesis: what its task and its source endpoint ask of the source.</summary>
internal static class SynthesizedReplication
{
    /// <summary>Reads the stack.</summary>
    /// <param name="folder">The synthesis.</param>
    /// <param name="environment">Its environment.</param>
    public static PreflightSettings Settings(string folder, string environment) =>
        Read(File.ReadAllText(Path.Combine(folder, $"{WorkflowNames.ReplicationStack(environment)}.template.json")));

    /// <summary>Reads a template.</summary>
    public static PreflightSettings Read(string template)
    {
        var resources = JsonNode.Parse(template)!["Resources"]!.AsObject().Select(resource => resource.Value!.AsObject()).ToList();
        var endpoint = OfType("AWS::DMS::Endpoint").Single(one => one["EndpointType"]!.GetValue<string>() == "source");
        var source = endpoint["PostgreSqlSettings"]!;
        // A task has its settings as text, a serverless replication as an object.
        var settings = OfType("AWS::DMS::ReplicationTask")
            .Select(task => JsonNode.Parse(task["ReplicationTaskSettings"]!.GetValue<string>())!)
            .Concat(OfType("AWS::DMS::ReplicationConfig").Select(config => config["ReplicationSettings"]!)).Single();
        return new PreflightSettings
        {
            LobKilobytes = settings["TargetMetadata"]!["LobMaxSize"]!.GetValue<int>(),
            HeartbeatSchema = source["HeartbeatEnable"]!.GetValue<bool>() ? source["HeartbeatSchema"]!.GetValue<string>() : null,
            CaptureDdl = source["CaptureDdls"]!.GetValue<bool>(),
            Slot = source["SlotName"]?.GetValue<string>(),
            EngineVersion = OfType("AWS::DMS::ReplicationInstance").SingleOrDefault()?["EngineVersion"]?.GetValue<string>() is { } version
                ? Version.Parse(version)
                : null,
        };

        IEnumerable<JsonNode> OfType(string type) =>
            resources.Where(resource => resource["Type"]!.GetValue<string>() == type).Select(resource => resource["Properties"]!);
    }
}
