using System.Text.Json.Nodes;

namespace CdcDms.Local.Workflow;

/// <summary>A condition of a Choice in a few words, for the label of an arrow.</summary>
internal static class ChoiceText
{
    /// <param name="rule">The condition, in the Amazon States Language.</param>
    public static string Of(JsonNode rule)
    {
        if (rule["Not"] is { } not)
            return $"not {Of(not)}";
        // Their other parts are of the same variable, or of its neighbours.
        if ((rule["And"] ?? rule["Or"]) is JsonArray parts)
            return Of(parts[0]!);
        var (test, value) = rule.AsObject().First(part => part.Key is not ("Variable" or "Next" or "Comment"));
        var variable = rule["Variable"]?.GetValue<string>() is { } path ? path.TrimStart('$', '.') : "it";
        variable = variable.Replace("[0]", "", StringComparison.Ordinal);
        return test switch
        {
            "IsPresent" => $"{variable}{(value!.GetValue<bool>() ? "" : " not")} given",
            "IsString" => $"{variable} is a text",
            "BooleanEquals" when value!.GetValue<bool>() => variable,
            "BooleanEquals" => $"not {variable}",
            "StringMatches" => $"{variable} is JSON",
            _ => $"{variable}: {value}",
        };
    }
}
