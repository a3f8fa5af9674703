using CdcDms.Local.Workflow;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Workflow;

/// <summary>The synthesized workflow with Spark's states, the published functions, and DuckDB in the place of Spark.</summary>
public sealed class SparkWorkflowTests(TestServers servers) : WorkflowFixture(servers)
{
    [Fact]
    public async Task Changes_that_Spark_has_reduced_end_as_the_source_has_them_and_the_output_says_who_reduced_them()
    {
        var folder = SharedWorkflow.Folder(await SynthesizedMachine.FolderAsync(), fromBytes: 1);
        await using var workflow = await StartAsync(synthesized: new SynthesizedWorkflow(folder, SharedWorkflow.Environment));
        await CaptureAsync();
        await AssertMergedAsync(await RunAsync(workflow));
        Assert.Empty(Events.OfType<ChangesReduced>());
        await Source.ExecuteAsync(
            "UPDATE accounts SET balance = balance + 1; UPDATE accounts SET balance = balance + 1; "
            + "DELETE FROM entries WHERE account % 7 = 0");
        await CaptureAsync();

        await AssertMergedAsync(await RunAsync(workflow));

        var reduced = Assert.Single(Events.OfType<ChangesReduced>(), reduced => reduced.Table == "public.accounts");
        Assert.True(reduced.Left < reduced.Read, reduced.ToString());
        Assert.Contains("DuckDB in the place of Spark", Views.WorkflowView.Line(reduced), StringComparison.Ordinal);
        var merged = Events.OfType<BatchMerged>().Where(merged => merged.Output.MoreOfSpark || merged.Output.NotFromSpark is not null);
        Assert.Empty(merged);
    }
}
