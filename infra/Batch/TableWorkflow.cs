using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.StepFunctions;
using Amazon.CDK.AWS.StepFunctions.Tasks;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Stacks;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>
/// The batch of one table: plan; merge what may be merged side by side, and plan again; merge the rest one batch after the other;
/// compare, unless the table is fed from plain files; report. Its input is <c>{"table":…,"lake":…,"batchBytes":…}</c>. A failure that no retry cures ends it, told in one sentence.
/// </summary>
internal sealed class TableWorkflow : Construct
{
    /// <summary>Longer than any first load.</summary>
    public static readonly Duration Timeout = Duration.Hours(12);

    private const int GroupsSideBySide = 10;
    private readonly BatchStack stack;
    private readonly IChainable failed;

    public TableWorkflow(BatchStack stack, BatchFunctions functions)
        : base(stack, "Table")
    {
        this.stack = stack;
        failed = Failed();
        var validate = Call("Validate", functions.Validate, Table, "$.validation", "table", "sourceRows", "targetRows", "identical");
        validate.Next(new Pass(this, "Report", new PassProps { InputPath = "$.validation" }));
        var merge = Call("Merge", functions.Merge, [.. Table, .. Lake], "$.merge", "more");
        merge.Next(new Choice(this, "MoreFiles")
            .When(Condition.BooleanEquals("$.merge.more", true), merge)
            .When(Condition.IsPresent("$.table.feed.prefix"), NotCompared())
            .Otherwise(validate));
        var plan = Call("Plan", functions.Plan, [.. Table, .. Lake], "$.plan", "snapshotGroups");
        plan.Next(new Choice(this, "FirstLoad")
            .When(Condition.IsPresent("$.plan.snapshotGroups[0]"), Groups(functions.Merge)
                // What failed beside the others is merged alone: it succeeds then, or says why not.
                .Next(new Choice(this, "AllGroups").When(Condition.BooleanEquals("$.groups.failed", true), merge).Otherwise(plan)))
            .Otherwise(merge));
        var name = BatchNames.TableWorkflow(stack.Settings);
        Machine = Workflow.Create(this, stack, name, "Merges and compares one table", plan, Timeout);
        AllowGroups($"arn:{stack.Partition}:states:{stack.Region}:{stack.Account}:execution:{name}");
    }

    public StateMachine Machine { get; }

    // CDK names the state machine's ARN here, but what a distributed map describes and stops are executions.
    private void AllowGroups(string executions) => Machine.AddToRolePolicy(new PolicyStatement(new PolicyStatementProps
    {
        Actions = ["states:DescribeExecution", "states:StopExecution"],
        Resources = [$"{executions}/*", $"{executions}:*"],
    }));

    private static KeyValuePair<string, object>[] Table => [new("table.$", "$.table")];

    private static KeyValuePair<string, object>[] Lake => [new("lake.$", "$.lake"), new("batchBytes.$", "$.batchBytes")];

    private LambdaInvoke Call(string name, DotnetFunction function, KeyValuePair<string, object>[] input, string resultPath, params string[] kept)
    {
        var call = Task(name, function, input, resultPath, kept);
        call.AddCatch(failed, new CatchProps { ResultPath = "$.failure" });
        return call;
    }

    // Version-0 rows only fill gaps, so the groups of a first load are merged side by side in any order. Nothing fails the map itself.
    private DistributedMap Groups(DotnetFunction merge)
    {
        var one = Task("MergeGroup", merge, [.. Table, .. Lake, new("group.$", "$.group")], JsonPath.DISCARD);
        one.AddCatch(Outcome("GroupFailed", "failed"), new CatchProps { ResultPath = JsonPath.DISCARD });
        var groups = new DistributedMap(this, "Groups", new DistributedMapProps
        {
            ItemsPath = "$.plan.snapshotGroups",
            ItemSelector = new Dictionary<string, object>([.. Table, .. Lake, new("group.$", "$$.Map.Item.Value")]),
            MaxConcurrency = GroupsSideBySide,
            MapExecutionType = StateMachineType.STANDARD,
            ResultSelector = new Dictionary<string, object> { ["failed.$"] = "States.ArrayContains($[*].outcome, 'failed')" },
            ResultPath = "$.groups",
        });
        groups.ItemProcessor(one.Next(Outcome("GroupMerged", "merged")));
        groups.AddCatch(failed, new CatchProps { ResultPath = "$.failure" });
        return groups;
    }

    private LambdaInvoke Task(string name, DotnetFunction function, KeyValuePair<string, object>[] input, string resultPath, params string[] kept)
    {
        var task = new LambdaInvoke(this, name, new LambdaInvokeProps
        {
            LambdaFunction = function.Function,
            Payload = TaskInput.FromObject(new Dictionary<string, object>(input)),
            ResultSelector = kept.Length == 0 ? null : kept.ToDictionary(name => $"{name}.$", name => (object)$"$.Payload.{name}"),
            ResultPath = resultPath,
            // The function's own timeout comes first, and says more.
            TaskTimeout = Amazon.CDK.AWS.StepFunctions.Timeout.Duration(Duration.Minutes(stack.Settings.Batch.TimeoutMinutes + 1)),
            RetryOnServiceExceptions = false,
        });
        task.Retrying(stack.Settings.Batch.Retries);
        return task;
    }

    // There is no source to compare it with.
    private Pass NotCompared() => new(this, "NotCompared", new PassProps
    {
        Parameters = new Dictionary<string, object> { ["table.$"] = "States.Format('{}.{}', $.table.schema, $.table.name)" },
    });

    private Pass Outcome(string name, string outcome) => new(this, name, new PassProps
    {
        Parameters = new Dictionary<string, object> { ["outcome"] = outcome },
    });

    // A function's error comes as JSON; the service's own errors do not.
    private Choice Failed()
    {
        var read = new Pass(this, "ReadError", new PassProps
        {
            Parameters = new Dictionary<string, object> { ["Error.$"] = "$.failure.Error", ["function.$"] = "States.StringToJson($.failure.Cause)" },
        });
        var service = Fail("ServiceFailed", "$.failure.Error", "$.failure.Cause");
        return new Choice(this, "WhoseError")
            .When(Condition.IsNotPresent("$.failure.Cause"), Failures.WithCause(this).Next(service))
            .When(Condition.StringMatches("$.failure.Cause", "{*\"errorMessage\":\"*"), read.Next(Fail("FunctionFailed", "$.Error", "$.function.errorMessage")))
            .Otherwise(service);
    }

    private Fail Fail(string name, string errorPath, string causePath) => new(this, name, new FailProps { ErrorPath = errorPath, CausePath = causePath });
}
