using System.Text.Json.Nodes;

namespace CdcDms.Rules.Pages;

/// <summary>The policy that <c>docs/deploy.md</c> gives to the role of operators.</summary>
internal static class OperatorPolicy
{
    /// <summary>What it allows; IAM does not tell capital letters from small ones.</summary>
    public static IReadOnlySet<string> Actions()
    {
        var page = MarkdownPage.All.Single(one => one.Path == "docs/deploy.md");
        var policy = page.Blocks.Single(block => block.Info == "json" && block.Code.Contains("\"Statement\"", StringComparison.Ordinal));
        return JsonNode.Parse(policy.Code)!["Statement"]!.AsArray()
            .SelectMany(statement => statement!["Action"] is JsonArray several ? several.ToArray() : [statement["Action"]])
            .Select(action => action!.GetValue<string>())
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
    }
}
