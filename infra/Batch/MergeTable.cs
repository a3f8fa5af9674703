using Amazon.CDK;
using Amazon.CDK.AWS.S3;
using Amazon.CDK.AWS.StepFunctions;
using Amazon.CDK.AWS.StepFunctions.Tasks;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Environments;
using Constructs;
using Timeout = Amazon.CDK.AWS.StepFunctions.Timeout;

namespace CdcDms.Infra.Batch;

/// <summary>What the state needs that merges a table.</summary>
internal sealed record MergeTableProps
{
    public required DeploymentEnvironment Environment { get; init; }

    /// <summary>The workflow of one table.</summary>
    public required IStateMachine TableWorkflow { get; init; }

    /// <summary>The lake.</summary>
    public required IBucket Bucket { get; init; }

    /// <summary>Where the answer goes. Default: in place of the state's input.</summary>
    public string? ResultPath { get; init; }

    /// <summary>The states that record a failure.</summary>
    public required FailedTable Failed { get; init; }
}

/// <summary>Runs the batch of the table at <c>$.table</c> as an execution of its own, and waits for its end.</summary>
internal sealed class MergeTable : StepFunctionsStartExecution
{
    private static readonly Duration LongestMessage = Duration.Minutes(1);

    public MergeTable(Construct scope, MergeTableProps props)
        : base(scope, WorkflowNames.MergeTableState, new StepFunctionsStartExecutionProps
        {
            StateMachine = props.TableWorkflow,
            IntegrationPattern = IntegrationPattern.RUN_JOB,
            AssociateWithParent = true,
            Input = TaskInput.FromObject(new Dictionary<string, object>
            {
                ["table.$"] = "$.table",
                [WorkflowNames.LakeInput] = Lake(props.Environment, props.Bucket),
                [WorkflowNames.BatchBytesInput] = (double)props.Environment.Batch.BatchMegabytes * 1024 * 1024,
            }),
            ResultSelector = Selector(props.Environment),
            ResultPath = props.ResultPath,
            TaskTimeout = Timeout.Duration(TableWorkflow.LongestExecution.Plus(LongestMessage)),
        })
    {
        this.RetryingStart();
        AddCatch(props.Failed.First, new CatchProps { ResultPath = "$.failure" });
    }

    // The reports of all tables stand in one state, and one of a table that was not proven has the cause.
    private static Dictionary<string, object> Selector(DeploymentEnvironment environment)
    {
        var selected = new Dictionary<string, object> { ["outcome.$"] = "$.Output.outcome" };
        if (TablesWorkflow.TellsCauses(environment))
            selected["report.$"] = "$.Output";
        else
            selected["report"] = new Dictionary<string, object> { ["table.$"] = "$.Output.table", ["proofs.$"] = "$.Output.proofs" };
        return selected;
    }

    /// <summary>The lake's address.</summary>
    public static string Lake(DeploymentEnvironment environment, IBucket bucket) => $"s3://{bucket.BucketName}/{environment.Lake.Prefix}";
}
