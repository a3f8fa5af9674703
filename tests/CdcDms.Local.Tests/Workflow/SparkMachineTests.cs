using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Local.Workflow;
using static CdcDms.Local.Tests.Workflow.AnsweredWorkflow;

namespace CdcDms.Local.Tests.Workflow;

/// <summary>The branches of a table's workflow where its environment has Spark.</summary>
public sealed class SparkMachineTests
{
    private const string OfOrders = $$"""{"tables":[{{Orders}}]}""";

    [Fact]
    public async Task What_Spark_left_is_merged_in_as_many_batches_as_it_takes_and_the_rest_after_it()
    {
        var batch = Working(Left(moreOfSpark: true), Left(moreOfSpark: false), Merged);

        Assert.IsType<WorkflowSucceeded>(await batch.RunAsync(workflow => workflow.Start, OfOrders));

        Assert.Equal(
            ["FirstLoad", "Reduce", "MergeLeft", "MoreOfSpark", "MergeLeft", "MoreOfSpark", "Merge", "MoreFiles"],
            batch.States.SkipWhile(state => state != "FirstLoad").TakeWhile(state => state != "Prove"));
        Assert.Equal((10, 4), Assert.Single(batch.Reduced));
        Assert.Empty(batch.Counted);
    }

    [Fact]
    public async Task What_one_plan_does_not_take_is_planned_for_Spark_again()
    {
        var batch = Working(Left(moreOfSpark: false), Left(moreOfSpark: false), Merged);
        batch.Answers(FunctionNames.Plan, PlannedForSpark(more: true), PlannedForSpark(more: false));

        Assert.IsType<WorkflowSucceeded>(await batch.RunAsync(workflow => workflow.Start, OfOrders));

        Assert.Equal(
            ["Plan", "Reduce", "MergeLeft", "Plan", "Reduce", "MergeLeft", "Merge"],
            batch.States.Where(state => state is "Plan" or "Reduce" or "MergeLeft" or "Merge"));
    }

    [Fact]
    public async Task What_was_given_up_is_not_planned_for_Spark_again()
    {
        var batch = Working(Left(moreOfSpark: false, "It was refused."), Merged);
        batch.Answers(FunctionNames.Plan, PlannedForSpark(more: true));

        Assert.IsType<WorkflowSucceeded>(await batch.RunAsync(workflow => workflow.Start, OfOrders));

        Assert.Equal(["Reduce", "MergeLeft", "Merge"], batch.States.Where(state => state is "Reduce" or "MergeLeft" or "Merge"));
    }

    [Fact]
    public async Task A_run_that_fails_is_counted_and_the_changes_are_merged_as_they_are()
    {
        var batch = Working(Merged);
        batch.SparkFails = true;

        Assert.IsType<WorkflowSucceeded>(await batch.RunAsync(workflow => workflow.Start, OfOrders));

        Assert.Equal(
            ["FirstLoad", "Reduce", "SparkFailed", "Merge", "MoreFiles"],
            batch.States.SkipWhile(state => state != "FirstLoad").TakeWhile(state => state != "Prove"));
        Assert.Equal([SparkMetricNames.RunsFailed], batch.Counted);
    }

    [Fact]
    public async Task What_was_not_merged_of_it_is_merged_as_it_came()
    {
        var batch = Working(Left(moreOfSpark: false), Merged);

        Assert.IsType<WorkflowSucceeded>(await batch.RunAsync(workflow => workflow.Start, OfOrders));

        Assert.Equal(["MergeLeft", "Merge"], batch.States.Where(state => state is "MergeLeft" or "Merge"));
    }

    [Fact]
    public async Task A_table_that_another_execution_took_meanwhile_is_left_to_that_one()
    {
        var batch = Working(AnsweredWorkflow.Left);

        var merged = await batch.RunAsync(workflow => workflow.Start, OfOrders);

        Assert.Equal("Others do.", Assert.Single(Assert.IsType<WorkflowSucceeded>(merged).Tables).LeftAlone);
        Assert.Contains("LeftOfSpark", batch.States);
    }

    [Fact]
    public async Task A_merge_of_what_is_left_that_fails_fails_its_table()
    {
        var batch = Working(Failed);

        Assert.IsType<WorkflowFailed>(await batch.RunAsync(workflow => workflow.Start, OfOrders));
        Assert.Contains(batch.Told, told => told.Contains("A sentence.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Where_nothing_is_planned_for_Spark_it_is_not_started()
    {
        var batch = Working(Merged);
        batch.Answers(FunctionNames.Plan, NoGroups);

        Assert.IsType<WorkflowSucceeded>(await batch.RunAsync(workflow => workflow.Start, OfOrders));

        Assert.DoesNotContain("Reduce", batch.States);
    }

    private static Answer Left(bool moreOfSpark, string? notFromSpark = null) => new(
        200, "", JsonSerializer.Serialize(
            new MergeOutput
            {
                Table = "public.orders",
                Files = 1,
                Bytes = 1,
                Rows = new RowCounts(),
                More = true,
                MoreOfSpark = moreOfSpark,
                NotFromSpark = notFromSpark,
            },
            ContractJson.Default.MergeOutput));

    private static AnsweredWorkflow Working(params Answer[] merges)
    {
        var batch = new AnsweredWorkflow { Environment = SharedWorkflow.Environment };
        batch.Answers(FunctionNames.MergeMarkers, new Answer(200, "", """{"files":0}"""));
        batch.Answers(FunctionNames.Plan, PlannedForSpark(more: false));
        batch.Answers(FunctionNames.Merge, merges);
        batch.Answers(FunctionNames.Prove, Proven(ComparisonMore.Nothing));
        return batch;
    }
}
