using Amazon.CDK;
using Amazon.CDK.AWS.S3;
using Amazon.CDK.AWS.StepFunctions;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Notices;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>What the workflow over all tables needs.</summary>
internal sealed record BatchWorkflowProps
{
    public required WorkflowSurroundings Around { get; init; }

    /// <summary>The workflow of one table.</summary>
    public required IStateMachine TableWorkflow { get; init; }

    /// <summary>Merges markers.</summary>
    public required DotnetFunction MergeMarkers { get; init; }

    /// <summary>The lake.</summary>
    public required IBucket Bucket { get; init; }
}

/// <summary>
/// The batch of all tables, several at a time, each as an execution of its own, since an execution's history is limited to 25,000 events.
/// Of a table that was merged and of which no row could be read for a proof people are told, and the execution succeeds. Markers are merged
/// before the tables, since what a listing of a table proves rests on them; where they were not, people are told, and the tables are merged
/// nevertheless.
/// </summary>
internal sealed class BatchWorkflow : Construct
{
    private readonly BatchWorkflowProps _props;

    public BatchWorkflow(Construct scope, string id, BatchWorkflowProps props)
        : base(scope, id)
    {
        _props = props;
        Machine = new TablesWorkflow(this, "StateMachine", new TablesWorkflowProps
        {
            Around = props.Around,
            Name = BatchNames.Workflow(Environment),
            Comment = "Merges what waits in the lake into the analytics database",
            Timeout = Duration.Hours(24),
            Carried = Environment.Tables,
            SideBySide = Environment.Batch.ParallelTables,
            Before = Markers,
            Each = new MergeTable(this, new MergeTableProps
            {
                Environment = Environment,
                TableWorkflow = props.TableWorkflow,
                Bucket = props.Bucket,
                Failed = new FailedTable(this, "FailedTable", Environment),
            }),
            Failure = new TablesFailure(
                TableOutcomes.Failed,
                "TablesFailed",
                "tables were not merged",
                "These tables were not merged: {}. The others were.",
                Severity.Critical,
                "batch-failed"),
            Asked = "AllMerged",
            Succeeded = "Merged",
            Other = merged => new OtherOutcome(TableOutcomes.NotProven, NotProven().Next(Warning()).Next(Tell(merged))),
        }).Machine;
    }

    public StateMachine Machine { get; }

    private DeploymentEnvironment Environment => _props.Around.Environment;

    private static string Reports => $"{TablesWorkflow.Those(TableOutcomes.NotProven)}.report";

    private MergeMarkers Markers(State tables) => new(this, WorkflowNames.MergeMarkersState, new MergeMarkersProps
    {
        Environment = Environment,
        Function = _props.MergeMarkers,
        Lake = MergeTable.Lake(Environment, _props.Bucket),
        Topics = _props.Around.Topics,
        Then = tables,
    });

    private Pass NotProven() => new(this, "NotProven", new PassProps
    {
        Parameters = new Dictionary<string, object>
        {
            ["tables.$"] = $"{Reports}{(TablesWorkflow.TellsCauses(Environment) ? "" : ".table")}",
        },
        ResultPath = "$.proof",
    });

    private Pass Warning() => new(this, "Warning", new PassProps
    {
        Parameters = new Dictionary<string, object>
        {
            ["message.$"] = $"States.Format('[warning] {BatchNames.Workflow(Environment)}: every table was merged, but of these no row was "
                + "proven: {}', States.JsonToString($.proof.tables))",
        },
        ResultPath = "$.warning",
    });

    private Pass Tell(State merged) => new TellPeople(this, "TellNotProven", new TellPeopleProps
    {
        Environment = Environment,
        Topics = _props.Around.Topics.Warning,
        What = "tables were not proven",
        MessagePath = "$.warning.message",
        Runbook = "not-proven",
        Then = merged,
    }).First;
}
