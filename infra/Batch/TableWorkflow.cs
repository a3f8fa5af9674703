using Amazon.CDK;
using Amazon.CDK.AWS.StepFunctions;
using Amazon.CDK.AWS.StepFunctions.Tasks;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Naming;
using CdcDms.Infra.StateMachines;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>What the workflow of one table needs.</summary>
internal sealed record TableWorkflowProps
{
    public required DeploymentEnvironment Environment { get; init; }

    public required BatchFunctions Functions { get; init; }

    /// <summary>What happens to the log when the stack goes.</summary>
    public required RemovalPolicy LogRemoval { get; init; }
}

/// <summary>
/// The batch of one table: plan; merge what may be merged side by side, and plan again; merge the rest one batch after the other;
/// read a sample of rows for a proof, unless the table is fed from plain files; report what the merges judged of earlier proofs. Its input
/// is <c>{"table":…,"lake":…,"batchBytes":…}</c>. A failure that no retry cures ends the batch, told in one sentence; rows that cannot be
/// read for a proof are reported, since the table is merged nevertheless.
/// A table that another execution merges is left to that one. Where the environment has Spark, and much waits, Spark reduces it first.
/// </summary>
internal sealed class TableWorkflow : Construct
{
    /// <summary>Longer than any first load.</summary>
    public static readonly Duration LongestExecution = Duration.Hours(12);

    private const int MostGroupsSideBySide = 10;
    private readonly TableWorkflowProps _props;
    private readonly TableFailure _failure;
    private readonly TableReports _reports;

    public TableWorkflow(Construct scope, string id, TableWorkflowProps props)
        : base(scope, id)
    {
        _props = props;
        _reports = new TableReports(this);
        _failure = new TableFailure(
            this, "Failure", new Fail(this, "Failed", new FailProps { ErrorPath = "$.failure.Error", CausePath = "$.failure.Cause" }));
        var (plan, merge, report) = (Plan(), Merge(), _reports.Merged());
        var moreFiles = new Choice(this, "MoreFiles")
            .When(Condition.IsString("$.merge.leftAlone"), _reports.LeftAlone("LeftMeanwhile", "$.merge.leftAlone"))
            .When(Condition.BooleanEquals("$.merge.more", true), merge);
        merge.Next(Validation.SampleKeys == 0 ? moreFiles.Otherwise(report)
            : moreFiles.When(Condition.IsPresent("$.table.feed.prefix"), report).Otherwise(Prove().Next(report)));

        // A group that failed beside the others is merged alone: alone it succeeds, or says why not.
        var groups = Groups().Next(new Choice(this, "AllGroups")
            .When(Condition.BooleanEquals("$.groups.failed", true), merge)
            .Otherwise(plan));
        var firstLoad = new Choice(this, "FirstLoad")
            .When(Condition.IsString("$.plan.leftAlone"), _reports.LeftAlone("LeftAlone", "$.plan.leftAlone"))
            .When(Condition.IsPresent("$.plan.snapshotGroups[0]"), groups);
        if (props.Environment.Batch.Glue is { } glue)
            firstLoad.When(
                Condition.IsString("$.plan.sparkPlan"),
                new SparkStates(this, props.Environment, glue).Reduced(
                    MergeLeft(), _reports.LeftAlone("LeftOfSpark", "$.merge.leftAlone"), plan, merge));
        plan.Next(firstLoad.Otherwise(merge));

        var name = BatchNames.TableWorkflow(props.Environment);
        Machine = new LoggedStateMachine(this, "StateMachine", new LoggedStateMachineProps
        {
            Name = name,
            Comment = "Merges one table, and reads a sample of it for a proof",
            Definition = plan,
            Timeout = LongestExecution,
            LogRemoval = props.LogRemoval,
        }).Machine;
        Machine.AllowMapRuns(name);
        if (props.Environment.Batch.Glue is not null)
            SparkStates.AllowRuns(Machine, props.Environment);
    }

    public StateMachine Machine { get; }

    private ValidationSettings Validation => _props.Environment.Validation;

    private static KeyValuePair<string, object>[] Table => [new("table.$", "$.table")];

    private static KeyValuePair<string, object>[] Lake =>
    [
        new($"{WorkflowNames.LakeInput}.$", $"$.{WorkflowNames.LakeInput}"),
        new($"{WorkflowNames.BatchBytesInput}.$", $"$.{WorkflowNames.BatchBytesInput}"),
    ];

    private LambdaInvoke Plan() =>
        Call("Plan", _props.Functions.Plan, [.. Table, .. Lake, Execution, .. Spark], "$.plan", "snapshotGroups", "leftAlone", "sparkPlan",
            "moreForSpark");

    private KeyValuePair<string, object>[] Spark =>
        _props.Environment.Batch.Glue is { } glue ? [SparkStates.Choice(glue)] : [];

    private LambdaInvoke MergeLeft() => Call(
        "MergeLeft",
        _props.Functions.Merge,
        [.. Table, .. Lake, Execution, Sampled, new("sparkPlan.$", "$.plan.sparkPlan")],
        "$.merge",
        "moreOfSpark",
        "notFromSpark",
        "leftAlone");

    private LambdaInvoke Merge() =>
        Call(
            "Merge", _props.Functions.Merge, [.. Table, .. Lake, Execution, Sampled, Retention], "$.merge", "more", "proofs", "leftAlone");

    // The groups' own executions are of one with this.
    private static KeyValuePair<string, object> Execution => new("execution.$", "$$.Execution.Id");

    private KeyValuePair<string, object> Retention => new("retentionDays", _props.Environment.Lake.RetentionDays);

    private KeyValuePair<string, object> Sampled => new("sampledKeys", Validation.SampleKeys);

    // What took all of the function's time takes the source's time again: it is tried again in the next batch only.
    private LambdaInvoke Prove()
    {
        var prove = Task(
            WorkflowNames.ProveState,
            _props.Functions.Prove,
            [
                .. Table, new("scope", "sample"), new("sampleKeys", Validation.SampleKeys),
                new("repairs", Validation.Repair == RepairMode.Auto),
            ],
            JsonPath.DISCARD,
            TriedAgain.Transient);
        prove.AddCatch(new TableFailure(this, "Proof", _reports.NotProven()).First, new CatchProps { ResultPath = "$.failure" });
        return prove;
    }

    // The plan has groups only where full-load rows just fill gaps, so these are merged side by side in any order. Nothing fails the map
    // itself.
    private DistributedMap Groups()
    {
        var one = Task(
            "MergeGroup",
            _props.Functions.Merge,
            [.. Table, .. Lake, new("execution.$", "$.execution"), Sampled, new("group.$", "$.group")],
            JsonPath.DISCARD,
            TriedAgain.Costly);
        one.AddCatch(Outcome("GroupFailed", "failed"), new CatchProps { ResultPath = JsonPath.DISCARD });
        var groups = new DistributedMap(this, "Groups", new DistributedMapProps
        {
            ItemsPath = "$.plan.snapshotGroups",
            ItemSelector = new Dictionary<string, object>([.. Table, .. Lake, Execution, new("group.$", "$$.Map.Item.Value")]),
            MaxConcurrency = GroupsSideBySide(_props.Environment.Batch),
            MapExecutionType = StateMachineType.STANDARD,
            ResultSelector = new Dictionary<string, object> { ["failed.$"] = "States.ArrayContains($[*].outcome, 'failed')" },
            ResultPath = "$.groups",
        });
        groups.ItemProcessor(one.Next(Outcome("GroupMerged", "merged")));
        groups.AddCatch(_failure.First, new CatchProps { ResultPath = "$.failure" });
        return groups;
    }

    // Tables that are loaded at once share the concurrency that is set aside: what does not fit is refused, and waits for its retry.
    private static int GroupsSideBySide(BatchSettings batch) => batch.ReservedConcurrency is { } reserved
        ? Math.Clamp(reserved / batch.ParallelTables, 1, MostGroupsSideBySide)
        : MostGroupsSideBySide;

    private LambdaInvoke Call(
        string state,
        DotnetFunction function,
        KeyValuePair<string, object>[] input,
        string resultPath,
        params string[] kept)
    {
        var call = Task(state, function, input, resultPath, TriedAgain.Costly, kept);
        call.AddCatch(_failure.First, new CatchProps { ResultPath = "$.failure" });
        return call;
    }

    private LambdaInvoke Task(
        string state,
        DotnetFunction function,
        KeyValuePair<string, object>[] input,
        string resultPath,
        TriedAgain again,
        params string[] kept)
    {
        var batch = _props.Environment.Batch;
        var task = new LambdaInvoke(
            this, state, FunctionCall.Props(function, Duration.Minutes(batch.TimeoutMinutes), input, resultPath, kept));
        task.Retrying(batch.Retries, again);
        return task;
    }

    private Pass Outcome(string state, string outcome) => new(this, state, new PassProps
    {
        Parameters = new Dictionary<string, object> { ["outcome"] = outcome },
    });
}
