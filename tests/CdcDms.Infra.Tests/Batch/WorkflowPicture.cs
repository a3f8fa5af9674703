using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace CdcDms.Infra.Tests.Batch;

/// <summary>Draws a state machine's definition as a Mermaid flowchart: dotted arrows are failures that no retry cured.</summary>
internal sealed class WorkflowPicture
{
    private readonly StringBuilder _text = new("flowchart TD\n");

    private WorkflowPicture(JsonNode definition)
    {
        Line(1, $"start((start)) --> {definition["StartAt"]}");
        States(definition, 1);
    }

    public static string Of(JsonNode definition) => $"```mermaid\n{new WorkflowPicture(definition)._text}```\n";

    private void States(JsonNode definition, int depth)
    {
        foreach (var (name, state) in definition["States"]!.AsObject())
        {
            if (state!["ItemProcessor"] is { } items)
            {
                var mode = items["ProcessorConfig"]!["Mode"]!.GetValue<string>().ToLower(CultureInfo.InvariantCulture);
                Line(depth, $"subgraph {name}[\"{name}: for each, {mode}\"]");
                States(items, depth + 1);
                Line(depth, "end");
            }
            else
                Line(depth, Node(name, state["Type"]!.GetValue<string>()));

            Arrows(name, state, depth);
        }
    }

    private void Arrows(string name, JsonNode state, int depth)
    {
        if (state["Next"] is { } next)
            Line(depth, $"{name} --> {next}");
        foreach (var choice in state["Choices"]?.AsArray() ?? [])
            Line(depth, $"{name} -- \"{Condition(choice!)}\" --> {choice!["Next"]}");
        if (state["Default"] is { } otherwise)
            Line(depth, $"{name} -- \"otherwise\" --> {otherwise}");
        foreach (var caught in state["Catch"]?.AsArray() ?? [])
            Line(depth, $"{name} -.-> {caught!["Next"]}");
    }

    private static string Node(string name, string type) => type switch
    {
        "Task" => $"{name}[[{name}]]",
        "Choice" => $"{name}{{{name}}}",
        "Succeed" or "Fail" => $"{name}(({name}))",
        _ => $"{name}[{name}]",
    };

    private static string Condition(JsonNode rule)
    {
        if (rule["Not"] is { } not)
            return $"not {Condition(not)}";
        if (rule["And"] is JsonArray all)
            return Condition(all[0]!);
        var (test, value) = rule.AsObject().Single(property => property.Key is not ("Variable" or "Next"));
        var variable = rule["Variable"]!.GetValue<string>()[2..].Replace("[0]", "", StringComparison.Ordinal);
        return test switch
        {
            "IsPresent" => value!.GetValue<bool>() ? $"{variable} given" : $"no {variable}",
            "BooleanEquals" => $"{variable}: {value}",
            "IsString" => $"{variable} is text",
            "StringEquals" => $"{variable}: {value}",
            _ => $"{variable} is JSON",
        };
    }

    private void Line(int depth, string line) => _text.Append(' ', depth * 2).Append(line).Append('\n');
}
