using Amazon.CDK;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.S3;
using Amazon.CDK.AWS.SNS;
using Amazon.CDK.AWS.StepFunctions;
using Amazon.CDK.AWS.StepFunctions.Tasks;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Permissions;
using Constructs;
using Timeout = Amazon.CDK.AWS.StepFunctions.Timeout;

namespace CdcDms.Infra.Batch;

/// <summary>What the workflow over all tables needs.</summary>
internal sealed record BatchWorkflowProps
{
    public required DeploymentEnvironment Environment { get; init; }

    /// <summary>The workflow of one table.</summary>
    public required IStateMachine TableWorkflow { get; init; }

    /// <summary>Merges markers.</summary>
    public required DotnetFunction MergeMarkers { get; init; }

    /// <summary>The lake.</summary>
    public required IBucket Bucket { get; init; }

    /// <summary>Where people are told which tables failed.</summary>
    public required ITopic Topic { get; init; }

    /// <summary>Encrypts what people are told.</summary>
    public required IKey TopicKey { get; init; }

    /// <summary>What happens to the log when the stack goes.</summary>
    public required RemovalPolicy LogRemoval { get; init; }
}

/// <summary>
/// The batch of all tables, several at a time, each as an execution of its own, since an execution's history is limited to 25,000 events.
/// An input <c>{"tables":[…]}</c> overrides the definitions that the workflow carries. A table that fails is recorded and does not stop the
/// others; at the end people are told its name, and the execution fails. Of a table that was merged and of which no row could be read for a
/// proof people are told too, and the execution succeeds. Markers are merged before the tables, since what a listing of a table proves
/// rests on them; where they were not, people are told, and the tables are merged nevertheless.
/// </summary>
internal sealed class BatchWorkflow : Construct
{
    private static readonly Duration LongestExecution = Duration.Hours(24);
    private static readonly Duration LongestMessage = Duration.Minutes(1);
    private readonly BatchWorkflowProps _props;
    private readonly string _name;

    public BatchWorkflow(Construct scope, string id, BatchWorkflowProps props)
        : base(scope, id)
    {
        (_props, _name) = (props, BatchNames.Workflow(props.Environment));
        var tables = Tables();
        var markers = new MergeMarkers(this, WorkflowNames.MergeMarkersState, new MergeMarkersProps
        {
            Environment = props.Environment,
            Function = props.MergeMarkers,
            Lake = Lake,
            Topic = props.Topic,
            Then = tables,
        });
        var merged = new Succeed(this, "Merged", new SucceedProps { OutputPath = "$.results" });
        tables.Next(Summary()).Next(new Choice(this, "AllMerged")
            .When(Condition.BooleanEquals("$.failed", true), FailedTables().Next(Names()).Next(TellFailed()))
            .When(Condition.BooleanEquals("$.notProven", true), NotProven().Next(Warning()).Next(TellNotProven(merged)))
            .Otherwise(merged));

        // A list without tables is taken for none, so that no caller merges nothing by mistake.
        var definition = new Choice(this, "GivenTables")
            .When(Condition.IsPresent("$.tables[0]"), markers)
            .Otherwise(Definitions().Next(markers));
        Machine = new LoggedStateMachine(this, "StateMachine", new LoggedStateMachineProps
        {
            Name = _name,
            Comment = "Merges what waits in the lake into the analytics database",
            Definition = definition,
            Timeout = LongestExecution,
            LogRemoval = props.LogRemoval,
        }).Machine;
        Machine.Allow([props.TopicKey.KeyArn], "kms:Decrypt", "kms:GenerateDataKey");
    }

    public StateMachine Machine { get; }

    private string Lake => $"s3://{_props.Bucket.BucketName}/{_props.Environment.Lake.Prefix}";

    private Pass Definitions() => new(this, "Definitions", new PassProps
    {
        Result = Result.FromArray(CarriedTables.Of(_props.Environment.Tables)),
        ResultPath = "$.tables",
    });

    private Map Tables()
    {
        var tables = new Map(this, WorkflowNames.TablesState, new MapProps
        {
            ItemsPath = "$.tables",
            ItemSelector = new Dictionary<string, object> { ["table.$"] = "$$.Map.Item.Value" },
            MaxConcurrency = _props.Environment.Batch.ParallelTables,
        });
        tables.ItemProcessor(MergeTable());
        return tables;
    }

    private StepFunctionsStartExecution MergeTable()
    {
        var merge = new StepFunctionsStartExecution(this, WorkflowNames.MergeTableState, new StepFunctionsStartExecutionProps
        {
            StateMachine = _props.TableWorkflow,
            IntegrationPattern = IntegrationPattern.RUN_JOB,
            AssociateWithParent = true,
            Input = TaskInput.FromObject(new Dictionary<string, object>
            {
                ["table.$"] = "$.table",
                [WorkflowNames.LakeInput] = Lake,
                [WorkflowNames.BatchBytesInput] = (double)_props.Environment.Batch.BatchMegabytes * 1024 * 1024,
            }),
            ResultSelector = new Dictionary<string, object> { ["outcome.$"] = "$.Output.outcome", ["report.$"] = "$.Output" },
            TaskTimeout = Timeout.Duration(TableWorkflow.LongestExecution.Plus(LongestMessage)),
        });
        merge.AddCatch(new FailedTable(this, "FailedTable").First, new CatchProps { ResultPath = "$.failure" });
        return merge;
    }

    private Pass Summary() => new(this, "Summary", new PassProps
    {
        Parameters = new Dictionary<string, object>
        {
            ["results.$"] = "$",
            ["failed.$"] = $"States.ArrayContains($[*].outcome, '{TableOutcomes.Failed}')",
            ["notProven.$"] = $"States.ArrayContains($[*].outcome, '{TableOutcomes.NotProven}')",
        },
    });

    private Pass FailedTables() => new(this, "Failures", new PassProps
    {
        Parameters = new Dictionary<string, object> { ["failed.$"] = Those(TableOutcomes.Failed) },
    });

    private Pass Names() => new(this, "Names", new PassProps
    {
        Parameters = new Dictionary<string, object>
        {
            ["cause.$"] = "States.Format('These tables were not merged: {}. The others were.', States.JsonToString($.failed[*].table))",
            ["message.$"] =
                $"States.Format('[critical] {_name}: {{}} Runbook: docs/runbook.md#batch-failed', States.JsonToString($.failed))",
        },
    });

    private Pass NotProven() => new(this, "NotProven", new PassProps
    {
        Parameters = new Dictionary<string, object> { ["tables.$"] = $"{Those(TableOutcomes.NotProven)}.report" },
        ResultPath = "$.proof",
    });

    private Pass Warning() => new(this, "Warning", new PassProps
    {
        Parameters = new Dictionary<string, object>
        {
            ["message.$"] = $"States.Format('[warning] {_name}: every table was merged, but of these no row was proven: "
                + "{} Runbook: docs/runbook.md#not-proven', States.JsonToString($.proof.tables))",
        },
        ResultPath = "$.warning",
    });

    private static string Those(string outcome) => $"$.results[?(@.outcome == '{outcome}')]";

    private TellPeople TellFailed() => Tell(
        "Tell",
        "tables were not merged",
        "$.message",
        // The execution fails whether or not anybody could be told; its own alarm then tells.
        new Fail(this, "TablesFailed", new FailProps { Error = "TablesFailed", CausePath = "$.cause" }));

    private TellPeople TellNotProven(Succeed merged) =>
        Tell("TellNotProven", "tables were not proven", "$.warning.message", merged);

    private TellPeople Tell(string state, string what, string message, State then) => new(this, state, new TellPeopleProps
    {
        Environment = _props.Environment,
        Topic = _props.Topic,
        What = what,
        MessagePath = message,
        Then = then,
    });
}
