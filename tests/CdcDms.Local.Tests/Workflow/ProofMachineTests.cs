using System.Text.Json;
using System.Text.Json.Nodes;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Local.LambdaHost;
using CdcDms.Local.Workflow;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CdcDms.Local.Tests.Workflow;

/// <summary>The state machine of full proofs, over answers of the function that a large table would give.</summary>
public sealed class ProofMachineTests
{
    private const string Sentence = "More than 1000000 rows differ.";

    [Fact]
    public async Task A_comparison_is_called_again_until_it_ends_and_waits_while_merges_are_to_judge_first()
    {
        var answers = new Queue<ProveOutput>(
        [
            Answer(0, ComparisonMore.Time),
            Answer(0, ComparisonMore.Time),
            Answer(1_000_000, ComparisonMore.Merges),
            Answer(1_500_000, ComparisonMore.Nothing) with { Incomplete = Sentence },
        ]);
        await using var lambda = LoopbackWeb.Create();
        lambda.MapPost("/2015-03-31/functions/{name}/invocations", () => Results.Text(
            JsonSerializer.Serialize(answers.Dequeue(), ContractJson.Default.ProveOutput), "application/json"));
        await lambda.StartAsync(TestContext.Current.CancellationToken);
        var workflow = new SynthesizedWorkflow(
            await Synthesis.FolderAsync("dev", new Progress<string>(), CancellationToken.None), "dev");
        var events = new List<WorkflowEvent>();

        var ended = await WorkflowProcess.RunAsync(
            new JsonObject
            {
                ["machines"] = new JsonObject { [workflow.Proof] = workflow.Machines[workflow.Proof].DeepClone() },
                ["start"] = workflow.Proof,
                ["input"] = new JsonObject
                {
                    ["tables"] = JsonSerializer.SerializeToNode([Orders], ContractJson.Default.IReadOnlyListTableDefinition),
                },
                ["lambda"] = lambda.Urls.First(),
                ["waitMilliseconds"] = 1,
            },
            events.Add,
            CancellationToken.None);

        Assert.Equal(
            [
                "GivenTables", "Tables", "ProveTable", "Compared", "ProveTable", "Compared", "ProveTable", "Compared", "WaitForMerges",
                "ProveTable", "Compared", "TableAsked", "Summary", "AllAsked", "Asked",
            ],
            events.OfType<StateEntered>().Select(entered => entered.State));
        var report = Assert.Single(Assert.IsType<WorkflowSucceeded>(ended).Tables);
        Assert.Equal(("public.orders", 1_500_000, Sentence), (report.Table, report.Keys, report.Incomplete));
    }

    private static TableDefinition Orders => new() { Schema = "public", Name = "orders", Target = "analytics.orders" };

    private static ProveOutput Answer(long keys, ComparisonMore more) => new() { Table = "public.orders", Keys = keys, More = more };
}
