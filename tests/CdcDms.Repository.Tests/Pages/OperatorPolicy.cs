using System.Text.Json.Nodes;

namespace CdcDms.Rules.Pages;

/// <summary>The policy that <c>docs/deploy.md</c> gives to the role of operators.</summary>
internal static class OperatorPolicy
{
    /// <summary>What it allows; IAM does not tell capital letters from small ones.</summary>
    public static IReadOnlySet<string> Actions() =>
        Statements().SelectMany(statement => Texts(statement["Action"])).ToHashSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The resources of the statements that allow an action.</summary>
    public static IReadOnlyList<string> Resources(string action) =>
    [
        .. Statements().Where(statement => Texts(statement["Action"]).Contains(action))
            .SelectMany(statement => Texts(statement["Resource"])),
    ];

    private static IEnumerable<JsonNode> Statements()
    {
        var page = MarkdownPage.All.Single(one => one.Path == "docs/deploy.md");
        var policy = page.Blocks.Single(block => block.Info == "json" && block.Code.Contains("\"Statement\"", StringComparison.Ordinal));
        return JsonNode.Parse(policy.Code)!["Statement"]!.AsArray().OfType<JsonNode>();
    }

    private static IEnumerable<string> Texts(JsonNode? oneOrSeveral) =>
        oneOrSeveral is JsonArray several ? several.Select(one => $"{one}") : [$"{oneOrSeveral}"];
}
