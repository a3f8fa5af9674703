using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.StepFunctions;
using Amazon.CDK.AWS.StepFunctions.Tasks;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Stacks;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>
/// The batch of all tables, several at a time, each as an execution of its own, since an execution's history is limited to 25,000 events.
/// An input <c>{"tables":[…]}</c> overrides the definitions that the workflow carries. A table that fails is recorded and does not stop the
/// others; at the end people are told its name, and the execution fails.
/// </summary>
internal sealed class BatchWorkflow : Construct
{
    private static readonly Duration Timeout = Duration.Hours(24);
    private static readonly Duration MessageTimeout = Duration.Minutes(1);
    private readonly BatchStack stack;

    public BatchWorkflow(BatchStack stack, BatchStackProps props, StateMachine table)
        : base(stack, "Batch")
    {
        this.stack = stack;
        var tables = Tables(props, table);
        var summary = new Pass(this, "Summary", new PassProps
        {
            Parameters = new Dictionary<string, object>
            {
                ["results.$"] = "$",
                ["failed.$"] = "States.ArrayContains($[*].outcome, 'failed')",
            },
        });
        tables.Next(summary).Next(new Choice(this, "AllMerged")
            .When(Condition.BooleanEquals("$.failed", true), FailedTables().Next(Names()).Next(Tell(props.Operations)))
            .Otherwise(new Succeed(this, "Merged", new SucceedProps { OutputPath = "$.results" })));

        // A list without tables is taken for none, so that no caller merges nothing by mistake.
        var definition = new Choice(this, "GivenTables")
            .When(Condition.IsPresent("$.tables[0]"), tables)
            .Otherwise(new Pass(this, "Definitions", new PassProps { Result = Result.FromArray(CarriedTables.Of(stack.Settings.Tables)), ResultPath = "$.tables" }).Next(tables));
        Machine = Workflow.Create(this, stack, BatchNames.Workflow(stack.Settings), "Merges what waits in the lake into the analytics database", definition, Timeout);
        AllowTopic(props.Operations);
    }

    public StateMachine Machine { get; }

    private Map Tables(BatchStackProps props, StateMachine table)
    {
        var merge = new StepFunctionsStartExecution(this, "MergeTable", new StepFunctionsStartExecutionProps
        {
            StateMachine = table,
            IntegrationPattern = IntegrationPattern.RUN_JOB,
            AssociateWithParent = true,
            Input = TaskInput.FromObject(new Dictionary<string, object>
            {
                ["table.$"] = "$.table",
                ["lake"] = $"s3://{props.Lake.Bucket.BucketName}/{stack.Settings.Lake.Prefix}",
                ["batchBytes"] = (double)stack.Settings.Batch.BatchMegabytes * 1024 * 1024,
            }),
            ResultSelector = new Dictionary<string, object> { ["outcome"] = "merged", ["report.$"] = "$.Output" },
            TaskTimeout = Amazon.CDK.AWS.StepFunctions.Timeout.Duration(TableWorkflow.Timeout.Plus(MessageTimeout)),
        });
        merge.AddCatch(FailedTable.Record(this), new CatchProps { ResultPath = "$.failure" });
        var tables = new Map(this, "Tables", new MapProps
        {
            ItemsPath = "$.tables",
            ItemSelector = new Dictionary<string, object> { ["table.$"] = "$$.Map.Item.Value" },
            MaxConcurrency = stack.Settings.Batch.ParallelTables,
        });
        tables.ItemProcessor(merge);
        return tables;
    }

    private Pass FailedTables() => new(this, "Failures", new PassProps
    {
        Parameters = new Dictionary<string, object> { ["failed.$"] = "$.results[?(@.outcome == 'failed')]" },
    });

    private Pass Names() => new(this, "Names", new PassProps
    {
        Parameters = new Dictionary<string, object>
        {
            ["cause.$"] = "States.Format('These tables were not merged: {}. The others were.', States.JsonToString($.failed[*].table))",
            ["message.$"] = $"States.Format('[critical] {BatchNames.Workflow(stack.Settings)}: {{}} Runbook: docs/runbook.md#batch-failed', States.JsonToString($.failed))",
        },
    });

    private SnsPublish Tell(OperationsStack operations)
    {
        var fail = new Fail(this, "TablesFailed", new FailProps { Error = "TablesFailed", CausePath = "$.cause" });
        var tell = new SnsPublish(this, "Tell", new SnsPublishProps
        {
            Topic = operations.Topic,
            Subject = $"CdcDms {stack.Settings.Name}: tables were not merged",
            Message = TaskInput.FromJsonPathAt("$.message"),
            ResultPath = JsonPath.DISCARD,
            TaskTimeout = Amazon.CDK.AWS.StepFunctions.Timeout.Duration(MessageTimeout),
        });
        tell.AddRetry(new RetryProps { Errors = [Errors.TASKS_FAILED], MaxAttempts = 3, JitterStrategy = JitterType.FULL });
        // The execution fails whether or not anybody could be told; its own alarm then tells.
        tell.AddCatch(fail, new CatchProps { ResultPath = JsonPath.DISCARD });
        tell.Next(fail);
        return tell;
    }

    private void AllowTopic(OperationsStack operations) => Machine.AddToRolePolicy(new PolicyStatement(new PolicyStatementProps
    {
        Actions = ["kms:Decrypt", "kms:GenerateDataKey"],
        Resources = [operations.TopicKey.KeyArn],
    }));
}
