using System.Text.Json.Nodes;
using CdcDms.Contract.Functions;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Workflow;

/// <summary>
/// The workflow of the environment <c>shared</c>, which has Spark: its snapshot over the functions that were published for <c>dev</c>,
/// since another synthesis would take minutes.
/// </summary>
internal static class SharedWorkflow
{
    public const string Environment = "shared";

    /// <summary>A folder like that of a synthesis.</summary>
    /// <param name="dev">The synthesis of <c>dev</c>.</param>
    /// <param name="fromBytes">From how many waiting bytes on changes are left to Spark. Default: as the environment says.</param>
    public static string Folder(string dev, long? fromBytes = null)
    {
        var folder = Directory.CreateTempSubdirectory("cdcdms-shared-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        var assets = JsonNode.Parse(File.ReadAllText(Path.Combine(dev, $"{WorkflowNames.Stack("dev")}.assets.json")))!;
        foreach (var (_, file) in assets["files"]!.AsObject())
            file!["source"]!["path"] = Path.Combine(dev, file["source"]!["path"]!.GetValue<string>());
        var code = Functions(JsonNode.Parse(File.ReadAllText(Path.Combine(dev, $"{WorkflowNames.Stack("dev")}.template.json")))!)
            .First()["Code"]!["S3Key"]!.GetValue<string>();
        var template = JsonNode.Parse(Repository.Read(
            "tests", "CdcDms.Infra.Tests", "Snapshots", $"{WorkflowNames.Stack(Environment)}.json"))!;
        foreach (var function in Functions(template))
            function["Code"]!["S3Key"] = code;
        var text = template.ToJsonString();
        if (fromBytes is { } bytes)
            text = text.Replace("fromBytes\\u0022:1073741824", $"fromBytes\\u0022:{bytes}", StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(folder, $"{WorkflowNames.Stack(Environment)}.assets.json"), assets.ToJsonString());
        File.WriteAllText(Path.Combine(folder, $"{WorkflowNames.Stack(Environment)}.template.json"), text);
        return folder;
    }

    private static IEnumerable<JsonNode> Functions(JsonNode template) => template["Resources"]!.AsObject()
        .Where(resource => resource.Value!["Type"]!.GetValue<string>() == "AWS::Lambda::Function")
        .Select(resource => resource.Value!["Properties"]!);
}
