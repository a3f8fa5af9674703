using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace CdcDms.Local.Workflow;

/// <summary>A state machine as a picture needs it: states, and arrows between them.</summary>
internal sealed record MachineGraph
{
    /// <summary>The state machine's name; of the inner states of a Map the Map's.</summary>
    public required string Name { get; init; }

    /// <summary>The state that it begins with.</summary>
    public required string Start { get; init; }

    public required IReadOnlyList<MachineState> States { get; init; }

    /// <summary>Reads a definition.</summary>
    /// <param name="name">The state machine's name.</param>
    /// <param name="definition">It, in the Amazon States Language.</param>
    public static MachineGraph Of(string name, JsonNode definition) => new()
    {
        Name = name,
        Start = Text(definition, "StartAt")!,
        States = [.. StatesOf(definition).Select(state => MachineState.Of(state.Key, state.Value!))],
    };

    private static JsonObject StatesOf(JsonNode definition) => definition.AsObject().Single(part => part.Key == "States").Value!.AsObject();

    /// <summary>A text of a definition; null where it has none.</summary>
    internal static string? Text(JsonNode? node, string word) => node?[word]?.GetValue<string>();
}

/// <summary>A state of a state machine.</summary>
internal sealed record MachineState
{
    public required string Name { get; init; }

    /// <summary>Its type, in the words of the Amazon States Language: <c>Task</c>, <c>Choice</c>, <c>Map</c>…</summary>
    public required string Type { get; init; }

    /// <summary>The function or the state machine that it calls; null where it calls none.</summary>
    public string? Calls { get; init; }

    /// <summary>Whether the execution, or the Map's round, may end after it.</summary>
    public required bool IsEnd { get; init; }

    /// <summary>The ways on.</summary>
    public required IReadOnlyList<MachineArrow> Arrows { get; init; }

    /// <summary>What a Map does for each item; null for every other state.</summary>
    public MachineGraph? Inner { get; init; }

    internal static MachineState Of(string name, JsonNode state) => new()
    {
        Name = name,
        Type = MachineGraph.Text(state, "Type")!,
        Calls = NameOf(MachineGraph.Text(state["Parameters"], "FunctionName") ?? MachineGraph.Text(state["Parameters"], "StateMachineArn")),
        IsEnd = state["End"]?.GetValue<bool>() is true || MachineGraph.Text(state, "Type") is "Succeed" or "Fail",
        Arrows = [.. ArrowsOf(state)],
        Inner = state["ItemProcessor"] is { } items ? MachineGraph.Of(name, items) : null,
    };

    // What is deployed names them by ARNs: arn:PARTITION:SERVICE:REGION:ACCOUNT:KIND:NAME, where a function's version may follow.
    private static string? NameOf(string? called) => called?.Split(':') is ["arn", _, _, _, _, _, var name, ..] ? name : called;

    private static IEnumerable<MachineArrow> ArrowsOf(JsonNode state)
    {
        if (MachineGraph.Text(state, "Next") is { } next)
            yield return new MachineArrow(next, ArrowKind.Next);
        foreach (var choice in state["Choices"]?.AsArray() ?? [])
            yield return new MachineArrow(MachineGraph.Text(choice, "Next")!, ArrowKind.Choice, ChoiceText.Of(choice!));
        if (MachineGraph.Text(state, "Default") is { } otherwise)
            yield return new MachineArrow(otherwise, ArrowKind.Otherwise, "otherwise");
        foreach (var caught in state["Catch"]?.AsArray() ?? [])
            yield return new MachineArrow(MachineGraph.Text(caught, "Next")!, ArrowKind.Failure);
    }
}

/// <summary>A way from one state to another.</summary>
/// <param name="To">The other.</param>
/// <param name="Kind">When it is gone.</param>
/// <param name="When">The condition, in a few words; null where there is none.</param>
internal sealed record MachineArrow(string To, ArrowKind Kind, string? When = null);

/// <summary>When an arrow of a state machine is gone.</summary>
internal enum ArrowKind
{
    /// <summary>Always.</summary>
    [JsonStringEnumMemberName("next")]
    Next,

    /// <summary>Where a condition holds.</summary>
    [JsonStringEnumMemberName("choice")]
    Choice,

    /// <summary>Where no condition holds.</summary>
    [JsonStringEnumMemberName("otherwise")]
    Otherwise,

    /// <summary>After a failure that no retry cured.</summary>
    [JsonStringEnumMemberName("failure")]
    Failure,
}
