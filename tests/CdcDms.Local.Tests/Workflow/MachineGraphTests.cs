using System.Text.Json.Nodes;
using CdcDms.Local.Workflow;

namespace CdcDms.Local.Tests.Workflow;

/// <summary>State machines as pictures need them.</summary>
public sealed class MachineGraphTests
{
    [Theory]
    [InlineData("dev")]
    [InlineData("shared")]
    public async Task Every_state_of_a_synthesized_machine_is_there_once_and_every_arrow_leads_to_one(string environment)
    {
        var dev = await SynthesizedMachine.FolderAsync();
        var workflow = new SynthesizedWorkflow(environment == "dev" ? dev : SharedWorkflow.Folder(dev), environment);
        Assert.Equal(5, workflow.Machines.Count);

        foreach (var (name, definition) in workflow.Machines)
        {
            var graph = MachineGraph.Of(name, definition);

            Assert.Equal(StatesIn(definition).Order(), All(graph).SelectMany(part => part.States).Select(state => state.Name).Order());
            Assert.Equal(ArrowsIn(definition), All(graph).SelectMany(part => part.States).Sum(state => state.Arrows.Count));
            Assert.Distinct(All(graph).SelectMany(part => part.States).Select(state => state.Name));
            Assert.All(All(graph), part =>
            {
                var names = part.States.Select(state => state.Name).ToHashSet();
                Assert.Contains(part.Start, names);
                Assert.All(part.States.SelectMany(state => state.Arrows), arrow => Assert.Contains(arrow.To, names));
                Assert.All(part.States, state => Assert.True(state.IsEnd || state.Arrows.Count > 0, state.Name));
            });
        }
    }

    [Fact]
    public void Arrows_tell_when_they_are_gone()
    {
        var graph = MachineGraph.Of("m", JsonNode.Parse(
            """
            {"StartAt":"C","States":{
            "C":{"Type":"Choice","Choices":[
            {"Variable":"$.tables[0]","IsPresent":true,"Next":"T"},{"Not":{"Variable":"$.a","IsPresent":true},"Next":"T"},
            {"And":[{"Variable":"$.more","BooleanEquals":true},{"Variable":"$.b","IsString":true}],"Next":"T"},
            {"Variable":"$.state","StringEquals":"time","Next":"T"}],"Default":"S"},
            "T":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"merge"},
            "Catch":[{"ErrorEquals":["States.ALL"],"Next":"S"}],"Next":"C"},
            "S":{"Type":"Succeed"}}}
            """)!);

        Assert.Equal(
            ["T Choice tables given", "T Choice not a given", "T Choice more", "T Choice state: time", "S Otherwise otherwise"],
            Arrows(graph.States[0]));
        Assert.Equal(["C Next ", "S Failure "], Arrows(graph.States[1]));
        Assert.Equal(("merge", false, true), (graph.States[1].Calls, graph.States[1].IsEnd, graph.States[2].IsEnd));
    }

    private static IEnumerable<string> Arrows(MachineState state) => state.Arrows.Select(arrow => $"{arrow.To} {arrow.Kind} {arrow.When}");

    private static IEnumerable<MachineGraph> All(MachineGraph graph) =>
        graph.States.Select(state => state.Inner).OfType<MachineGraph>().SelectMany(All).Prepend(graph);

    private static IEnumerable<string> StatesIn(JsonNode definition) => definition["States"]!.AsObject().SelectMany(state =>
        state.Value!["ItemProcessor"] is { } items ? StatesIn(items).Prepend(state.Key) : [state.Key]);

    // Only an arrow has one of these words with a name.
    private static int ArrowsIn(JsonNode? node) => node switch
    {
        JsonObject parts => parts.Sum(part => part is { Key: "Next" or "Default", Value: JsonValue } ? 1 : ArrowsIn(part.Value)),
        JsonArray parts => parts.Sum(ArrowsIn),
        _ => 0,
    };
}
