using System.Text.Json.Nodes;

namespace CdcDms.Infra.Policies;

/// <summary>
/// What the language of policies writes as a list, or as the one item of it (IAM user guide, "Grammar of the policy language").
/// </summary>
internal static class OneOrMany
{
    /// <summary>The items; none where nothing is written.</summary>
    public static IEnumerable<JsonNode> Of(JsonNode? node) => node switch
    {
        JsonArray array => array.OfType<JsonNode>(),
        null => [],
        _ => [node],
    };
}
