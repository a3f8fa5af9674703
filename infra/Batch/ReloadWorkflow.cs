using Amazon.CDK;
using Amazon.CDK.AWS.S3;
using Amazon.CDK.AWS.StepFunctions;
using Amazon.CDK.AWS.StepFunctions.Tasks;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Notices;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>What the workflow of reloads needs.</summary>
internal sealed record ReloadWorkflowProps
{
    public required WorkflowSurroundings Around { get; init; }

    /// <summary>Asks DMS for the load of a table, and looks how far it is.</summary>
    public required DotnetFunction Reload { get; init; }

    /// <summary>Compares a table, and reads the rows that differ for proofs.</summary>
    public required DotnetFunction Prove { get; init; }

    /// <summary>The workflow of one table.</summary>
    public required IStateMachine TableWorkflow { get; init; }

    /// <summary>The lake.</summary>
    public required IBucket Bucket { get; init; }
}

/// <summary>
/// Has DMS load tables again, which people start: of each table the load is asked for and waited for, its files are merged, and the
/// table is compared wholly, so that what differs is read for proofs that repair. A load alone puts nothing right: what was deleted, and
/// what changed and is in no file, is told by the proof only. Every step may be done twice, so an execution that was stopped is started
/// again, and two at once harm nothing.
/// </summary>
internal sealed class ReloadWorkflow : Construct
{
    // Each is compared wholly at the source when its load has ended.
    private const int TablesSideBySide = 2;
    private readonly ReloadWorkflowProps _props;
    private readonly TableFailure _failure;

    public ReloadWorkflow(Construct scope, string id, ReloadWorkflowProps props)
        : base(scope, id)
    {
        _props = props;
        var failed = new FailedTable(this, "FailedTable", Environment);
        _failure = new TableFailure(this, "Call", failed.Record);
        var merge = new MergeTable(this, new MergeTableProps
        {
            Environment = Environment,
            TableWorkflow = props.TableWorkflow,
            Bucket = props.Bucket,
            ResultPath = "$.merged",
            Failed = failed,
        });
        var other = new Wait(this, "WaitForOther", new WaitProps { Time = WaitTime.Duration(Duration.Minutes(5)) });
        other.Next(merge);
        // Another execution may have listed the lake before the load was in it.
        merge.Next(new Choice(this, "IsMerged")
            .When(Condition.StringEquals("$.merged.outcome", TableOutcomes.LeftAlone), other)
            .Otherwise(Prove()));
        Machine = new TablesWorkflow(this, "StateMachine", new TablesWorkflowProps
        {
            Around = props.Around,
            Name = BatchNames.ReloadWorkflow(Environment),
            Comment = "Has DMS load tables again, merges them, and has what differs repaired",
            // A load of a day for each pair of tables, were they ten, and their merges.
            Timeout = Duration.Days(7),
            Carried = null,
            SideBySide = TablesSideBySide,
            ExecutionEach = true,
            Each = Load(WaitForFiles().Next(merge)),
            Failure = new TablesFailure(
                TableOutcomes.Failed,
                "TablesNotReloaded",
                "tables were not loaded again",
                "These tables were not loaded again, or not merged and read for proofs afterwards: {}.",
                Severity.Warning,
                "reload-failed"),
            Asked = "AllReloaded",
            Succeeded = "Reloaded",
        }).Machine;
    }

    public StateMachine Machine { get; }

    private DeploymentEnvironment Environment => _props.Around.Environment;

    private Chain Load(IChainable loaded)
    {
        var wait = new Wait(this, "WaitForLoad", new WaitProps { Time = WaitTime.SecondsPath("$.load.waitSeconds") });
        var look = Call("Look", new KeyValuePair<string, object>("load.$", "$.load"));
        wait.Next(look).Next(new Choice(this, "IsLoaded")
            .When(Condition.BooleanEquals("$.load.loaded", true), loaded)
            .Otherwise(wait));
        return Call("AskForLoad").Next(wait);
    }

    // DMS closes the files of the changes that it has kept meanwhile after an interval. What comes later is on its way, as anything is.
    private Wait WaitForFiles() => new(this, "WaitForFiles", new WaitProps
    {
        Time = WaitTime.Duration(Duration.Seconds(2 * Environment.Replication.MarkerSeconds)),
    });

    // A table that is merged and of which no row can be proven is as it was: nobody knows whether it is right.
    private LambdaInvoke Prove()
    {
        var prove = new ProveTable(
            this, new ProveTableProps { Environment = Environment, Prove = _props.Prove, Repairs = true, Failed = _failure.First });
        prove.Last.Next(new Choice(this, "IsProvable")
            .When(Condition.IsString("$.report.unprovable"), NotProven("Unprovable", "$.report.unprovable"))
            .When(Condition.IsString("$.report.incomplete"), NotProven("Incomplete", "$.report.incomplete"))
            .Otherwise(new Pass(this, "TableReloaded")));
        return prove.First;
    }

    private Pass NotProven(string error, string cause) => new(this, error, new PassProps
    {
        Parameters = new Dictionary<string, object>
        {
            ["outcome"] = TableOutcomes.Failed,
            ["table.$"] = "$.report.table",
            ["error"] = error,
            ["cause.$"] = cause,
        },
    });

    private LambdaInvoke Call(string state, params KeyValuePair<string, object>[] more)
    {
        var call = new LambdaInvoke(this, state, FunctionCall.Props(
            _props.Reload,
            ReloadLambda.Timeout,
            [
                new("table.$", "$.table"), new("kind", Environment.Replication.IsServerless ? "serverless" : "task"),
                new("identifier", new ReplicationNames(Environment).Replication), .. more,
            ],
            "$.load",
            "loaded",
            "waitSeconds",
            "waitedSeconds",
            "before"));
        call.Retrying(Environment.Batch.Retries, TriedAgain.Transient);
        call.AddCatch(_failure.First, new CatchProps { ResultPath = "$.failure" });
        return call;
    }
}
