using System.Text.Json.Nodes;
using CdcDms.Contract.Functions;
using CdcDms.Local.Workflow;
using CdcDms.Testing;
using static CdcDms.Local.Tests.Workflow.AnsweredWorkflow;

namespace CdcDms.Local.Tests.Workflow;

/// <summary>The branches of the state machines over tables that real functions and databases take too rarely to be had.</summary>
public sealed class RareBranchTests
{
    private const string OfOrders = $$"""{"tables":[{{Orders}}]}""";
    private const string Nameless = """{"tables":[{"schema":"public"}]}""";
    private const string NoCause = "AWS gave no cause; see the history of the execution.";

    // What the schedules give.
    [Fact]
    public async Task Without_an_input_the_tables_of_the_environment_are_merged_and_compared()
    {
        var dev = JsonNode.Parse(Repository.Read("infra", "Environments", "dev.json"))!["tables"]!.AsArray().Count;
        var (batch, proof) = (Working(), Working());

        var merged = await batch.RunAsync(workflow => workflow.Start, "{}");
        var asked = await proof.RunAsync(workflow => workflow.Proof, "{}");

        Assert.Equal(dev, Assert.IsType<WorkflowSucceeded>(merged).Tables.Count);
        Assert.Equal(["GivenTables", "Definitions", "MergeMarkers"], batch.States.Take(3));
        Assert.Equal(dev, Assert.IsType<WorkflowSucceeded>(asked).Tables.Count);
        Assert.Equal(["GivenTables", "Definitions", "Tables"], proof.States.Take(3));
    }

    [Fact]
    public async Task A_group_of_a_load_that_fails_beside_the_others_is_merged_alone_and_nothing_is_planned_again()
    {
        var batch = Working();
        batch.Answers(FunctionNames.Plan, Planned("LOAD00000001.parquet", "LOAD00000002.parquet"));
        batch.Answers(FunctionNames.Merge, Failed, MergedSome, Merged);

        Assert.IsType<WorkflowSucceeded>(await batch.RunAsync(workflow => workflow.Start, OfOrders));

        Assert.Equal(
            ["FirstLoad", "Groups", "AllGroups", "Merge", "MoreFiles", "Prove"],
            batch.States.SkipWhile(state => state != "FirstLoad").TakeWhile(state => state != "Report")
                .Where(state => !state.Contains("Group", StringComparison.Ordinal) || state.EndsWith('s')));
        Assert.Equal(
            ["GroupFailed", "GroupMerged"],
            batch.States.Where(state => state is "GroupFailed" or "GroupMerged").Order(StringComparer.Ordinal));
        Assert.Single(batch.States, "Plan");
    }

    [Fact]
    public async Task A_table_that_another_execution_takes_between_two_of_its_batches_is_left_to_that_one()
    {
        var batch = Working();
        batch.Answers(FunctionNames.Merge, MergedSome, Left);

        var merged = await batch.RunAsync(workflow => workflow.Start, OfOrders);

        Assert.Equal("Others do.", Assert.Single(Assert.IsType<WorkflowSucceeded>(merged).Tables).LeftAlone);
        Assert.Contains("LeftMeanwhile", batch.States);
    }

    public static TheoryData<string, string> Refusals => new() { { "Refused", "not yours" }, { "RefusedWithoutAWord", NoCause } };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_merge_that_AWS_refuses_fails_its_table_with_what_AWS_said_or_that_it_said_nothing(string refusal, string cause)
    {
        var batch = Working();
        batch.Answers(FunctionNames.Merge, Named(refusal));

        var failed = Assert.IsType<WorkflowFailed>(await batch.RunAsync(workflow => workflow.Start, OfOrders));

        Assert.Equal("TablesFailed", failed.Error);
        AssertTold(batch, "failed", "AccessDeniedException", cause);
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_sample_that_AWS_refuses_to_have_read_is_told_and_the_table_is_merged(string refusal, string cause)
    {
        var batch = Working();
        batch.Answers(FunctionNames.Prove, Named(refusal));

        var merged = Assert.IsType<WorkflowSucceeded>(await batch.RunAsync(workflow => workflow.Start, OfOrders));

        Assert.Equal(("AccessDeniedException", cause), (Assert.Single(merged.Tables).Error, merged.Tables[0].Cause));
    }

    [Theory]
    [InlineData("UPDATE_IN_PROGRESS", "UPDATE_COMPLETE", "replication UPDATE_IN_PROGRESS, batch UPDATE_COMPLETE")]
    [InlineData("UPDATE_COMPLETE", null, "replication UPDATE_COMPLETE, batch unknown")]
    [InlineData(null, "UPDATE_ROLLBACK_IN_PROGRESS", "replication unknown, batch UPDATE_ROLLBACK_IN_PROGRESS")]
    [InlineData(null, null, "replication unknown, batch unknown")]
    public async Task A_message_says_whether_a_deployment_is_under_way_and_waits_for_no_answer(
        string? replication, string? batch, string says)
    {
        var workflow = Working();
        workflow.Answers(FunctionNames.Merge, Failed);
        foreach (var (stack, status) in new[] { ("cdcdms-dev-replication", replication), ("cdcdms-dev-batch", batch) })
            if (status is not null)
                workflow.Stacks[stack] = status;

        Assert.IsType<WorkflowFailed>(await workflow.RunAsync(machines => machines.Start, OfOrders));

        Assert.Contains($" Stacks: {says}. Execution: https://", Assert.Single(workflow.Told), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("batch")]
    [InlineData("reload")]
    public async Task A_merge_that_cannot_even_be_started_is_told_of_its_table(string machine)
    {
        var workflow = new AnsweredWorkflow { Changed = StartIsRefused };
        Prepare(workflow);
        workflow.Answers("start", RefusedWithoutAWord);

        Assert.IsType<WorkflowFailed>(await workflow.RunAsync(Start(machine), OfOrders));

        AssertTold(workflow, "failed", "AccessDeniedException", NoCause);
    }

    [Theory]
    [InlineData("batch", "failed")]
    [InlineData("proof", "notProven")]
    [InlineData("reload", "failed")]
    public async Task A_table_without_a_name_is_told_by_its_definition(string machine, string outcome)
    {
        var workflow = Working();
        foreach (var function in (string[])[FunctionNames.Plan, FunctionNames.Prove, FunctionNames.Reload])
            workflow.Answers(function, Failed);

        Assert.IsType<WorkflowFailed>(await workflow.RunAsync(Start(machine), Nameless));

        // The interpreter leaves out the backslashes that Step Functions writes.
        AssertTold(workflow, outcome, "BadData", "A sentence.", """{"schema":"public"}""");
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_comparison_that_AWS_refuses_leaves_its_table_unproven(string refusal, string cause)
    {
        var proof = Working();
        proof.Answers(FunctionNames.Prove, Named(refusal));

        Assert.IsType<WorkflowFailed>(await proof.RunAsync(workflow => workflow.Proof, OfOrders));

        AssertTold(proof, "notProven", "AccessDeniedException", cause);
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_load_that_AWS_refuses_to_ask_for_is_told_of_its_table(string refusal, string cause)
    {
        var reload = Working();
        reload.Answers(FunctionNames.Reload, Named(refusal));

        Assert.IsType<WorkflowFailed>(await reload.RunAsync(workflow => workflow.Reload, OfOrders));

        AssertTold(reload, "failed", "AccessDeniedException", cause);
    }

    [Fact]
    public async Task A_table_that_was_loaded_again_and_cannot_be_compared_is_told()
    {
        var reload = Working();
        reload.Answers(FunctionNames.Prove, Failed);

        Assert.IsType<WorkflowFailed>(await reload.RunAsync(workflow => workflow.Reload, OfOrders));

        AssertTold(reload, "failed", "BadData", "A sentence.");
    }

    [Fact]
    public async Task The_comparison_after_a_load_is_called_until_it_ends_and_told_where_it_is_incomplete()
    {
        var reload = Working();
        reload.Answers(
            FunctionNames.Prove,
            // The first is the sample that each merge has read.
            Proven(ComparisonMore.Nothing), Proven(ComparisonMore.Time), Proven(ComparisonMore.Merges),
            Proven(ComparisonMore.Nothing, "More than 1000000 rows differ."));

        Assert.IsType<WorkflowFailed>(await reload.RunAsync(workflow => workflow.Reload, OfOrders));

        Assert.Equal(
            ["ProveTable", "Compared", "ProveTable", "Compared", "WaitForMerges", "ProveTable", "Compared", "TableAsked", "IsProvable"],
            reload.States.SkipWhile(state => state != "ProveTable").TakeWhile(state => state != "Incomplete"));
        AssertTold(reload, "failed", "Incomplete", "More than 1000000 rows differ.");
    }

    [Fact]
    public async Task A_message_that_a_topic_does_not_take_is_counted_for_an_alarm()
    {
        var batch = new AnsweredWorkflow
        {
            // In place of a topic, whose key or policy refuses the state machine's role.
            Changed = (_, machine) =>
            {
                if (machine["States"]!["Tell"] is { } tell)
                    tell["Resource"] = "arn:aws:states:::aws-sdk:cloudwatch:publish";
            },
        };
        batch.Answers("merge-markers", AnsweredWorkflow.Failed);
        batch.Answers("plan", AnsweredWorkflow.Failed);

        await batch.RunAsync(workflow => workflow.Start, $$"""{"tables":[{{AnsweredWorkflow.Orders}}]}""");

        Assert.Equal(["MessagesUntold"], batch.Counted);
        Assert.Equal("TablesFailed", batch.States[^1]);
    }

    private static void AssertTold(
        AnsweredWorkflow workflow, string outcome, string error, string cause, string table = "public.orders")
    {
        Assert.Contains(
            $$"""[{"outcome":"{{outcome}}","table":"{{table}}","error":"{{error}}","cause":"{{cause}}"}]""",
            Assert.Single(workflow.Told),
            StringComparison.Ordinal);
    }

    private static AnsweredWorkflow Working()
    {
        var workflow = new AnsweredWorkflow();
        Prepare(workflow);
        return workflow;
    }

    private static void Prepare(AnsweredWorkflow workflow)
    {
        workflow.Answers(
            FunctionNames.MergeMarkers,
            new Answer(200, "", """{"files":0,"filesRejected":0,"newestUtc":null,"inOrder":true}"""));
        workflow.Answers(FunctionNames.Plan, NoGroups);
        workflow.Answers(FunctionNames.Merge, Merged);
        workflow.Answers(FunctionNames.Prove, Proven(ComparisonMore.Nothing));
        workflow.Answers(FunctionNames.Reload, Load(isLoaded: false), Load(isLoaded: true));
    }

    private static Answer Named(string refusal) => refusal == "Refused" ? Refused : RefusedWithoutAWord;

    private static Func<SynthesizedWorkflow, string> Start(string machine) => workflow =>
        machine switch { "batch" => workflow.Start, "proof" => workflow.Proof, _ => workflow.Reload };

    // The interpreter starts every execution; so a function stands where the execution is started.
    private static void StartIsRefused(string name, JsonObject machine)
    {
        foreach (var state in (JsonNode?[])[machine["States"]![WorkflowNames.TablesState]?["ItemProcessor"]!["States"]!["MergeTable"]])
            if (state is not null)
            {
                state["Resource"] = "arn:aws:states:::lambda:invoke";
                state["Parameters"] = new JsonObject { ["FunctionName"] = "start", ["Payload"] = new JsonObject() };
            }
    }
}
