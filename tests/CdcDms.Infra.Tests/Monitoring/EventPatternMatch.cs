using System.Text.Json.Nodes;

namespace CdcDms.Infra.Tests.Monitoring;

/// <summary>
/// Whether a pattern of EventBridge takes an event (Amazon EventBridge user guide, "Event pattern syntax"), as far as ours use it.
/// </summary>
internal static class EventPatternMatch
{
    public static bool Takes(JsonNode pattern, JsonNode? happened) => pattern.AsObject().All(part => part.Key == "$or"
        ? part.Value!.AsArray().Any(either => Takes(either!, happened))
        : part.Value is JsonArray values
            ? Each(happened?[part.Key]).Any(value => values.Any(asked => Is(asked!, value)))
            : Takes(part.Value!, happened?[part.Key]));

    // An array in an event matches when one of its items does.
    private static IEnumerable<string> Each(JsonNode? value) => value switch
    {
        null => [],
        JsonArray items => items.Select(item => item!.GetValue<string>()),
        _ => [value.GetValue<string>()],
    };

    private static bool Is(JsonNode asked, string value) => asked is JsonObject filter
        ? value.EndsWith(filter["suffix"]!.GetValue<string>(), StringComparison.Ordinal)
        : asked.GetValue<string>() == value;
}
