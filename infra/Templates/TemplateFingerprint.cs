using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Amazon.CDK;

namespace CdcDms.Infra.Templates;

/// <summary>Hashes of resource properties as the template will hold them.</summary>
internal static class TemplateFingerprint
{
    /// <summary>
    /// A hash that changes when the template's text for one of the properties does. References are resolved first: the
    /// numbers of unresolved ones depend on what else was built before.
    /// </summary>
    public static string Of(Stack stack, params object[] properties)
    {
        var text = new StringBuilder();
        foreach (var property in properties)
            text.Append(Text(stack, property)).Append('\n');
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..16];
    }

    /// <summary>A name as people know it, or the template's JSON text of a reference to one.</summary>
    public static string Name(Stack stack, string name) => Token.IsUnresolved(name) ? Text(stack, name) : name;

    /// <summary>A property as the template's JSON text, with sorted keys.</summary>
    public static string Text(Stack stack, object property) =>
        Sorted(JsonSerializer.SerializeToNode(stack.Resolve(property)))?.ToJsonString() ?? "null";

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map
            .OrderBy(entry => entry.Key, StringComparer.Ordinal)
            .Select(entry => KeyValuePair.Create(entry.Key, Sorted(entry.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
