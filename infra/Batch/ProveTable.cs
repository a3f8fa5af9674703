using Amazon.CDK;
using Amazon.CDK.AWS.StepFunctions.Tasks;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Functions;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>What the state needs that proves a table.</summary>
internal sealed record ProveTableProps
{
    public required DeploymentEnvironment Environment { get; init; }

    /// <summary>Compares a table, and reads the rows that differ for proofs.</summary>
    public required DotnetFunction Prove { get; init; }

    /// <summary>Whether rows that differ are made as they are at the source, once the proofs are judged.</summary>
    public required bool Repairs { get; init; }
}

/// <summary>
/// Compares the whole table at <c>$.table</c>, and has the rows that differ read for proofs. What took all of the function's time takes the
/// source's time again: it is not tried again.
/// </summary>
internal sealed class ProveTable : LambdaInvoke
{
    public ProveTable(Construct scope, ProveTableProps props)
        : base(scope, WorkflowNames.ProveTableState, Call(props)) =>
        this.Retrying(props.Environment.Batch.Retries, TriedAgain.Transient);

    private static LambdaInvokeProps Call(ProveTableProps props)
    {
        var call = FunctionCall.Props(
            props.Prove,
            Duration.Minutes(props.Environment.Batch.TimeoutMinutes),
            [new("table.$", "$.table"), new("scope", "all"), new("repairs", props.Repairs)],
            resultPath: null);
        call.ResultSelector = new Dictionary<string, object>
        {
            ["outcome"] = TableOutcomes.Asked,
            ["report"] = new Dictionary<string, object>
            {
                ["table.$"] = "$.Payload.table",
                ["keys.$"] = "$.Payload.keys",
                ["unprovable.$"] = "$.Payload.unprovable",
            },
        };
        return call;
    }
}
