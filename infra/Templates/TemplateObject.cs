using System.Text.Json;

namespace CdcDms.Infra.Templates;

/// <summary>JSON as the nested maps and lists that a template property of type object takes.</summary>
internal static class TemplateObject
{
    /// <summary>Reads JSON text.</summary>
    public static object Of(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Of(document.RootElement);
    }

    private static object Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().ToDictionary(property => property.Name, property => Of(property.Value)),
        JsonValueKind.Array => value.EnumerateArray().Select(Of).ToArray(),
        JsonValueKind.Number => value.GetInt32(),
        JsonValueKind.True or JsonValueKind.False => value.GetBoolean(),
        _ => value.GetString()!,
    };
}
