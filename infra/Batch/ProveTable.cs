using System.Text.Json;
using Amazon.CDK;
using Amazon.CDK.AWS.StepFunctions;
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

    /// <summary>The states that record a failure, which is at <c>$.failure</c>.</summary>
    public required IChainable Failed { get; init; }
}

/// <summary>
/// The states that compare the whole table at <c>$.table</c>, and have the rows that differ read for proofs: in as many calls as the
/// comparison takes, each of which goes on where the one before ended. What took all of the function's time takes the source's time again:
/// it is not tried again.
/// </summary>
internal sealed class ProveTable
{
    // Merges run by their own schedule.
    private static readonly Duration UntilMerged = Duration.Minutes(10);

    private readonly Construct _scope;
    private readonly ProveTableProps _props;

    public ProveTable(Construct scope, ProveTableProps props)
    {
        (_scope, _props) = (scope, props);
        (First, Last) = (Prove(), TableAsked());
        First.AddCatch(props.Failed, new CatchProps { ResultPath = "$.failure" });
        First.Next(new Choice(scope, "Compared")
            .When(Is(ComparisonMore.Time), First)
            .When(Is(ComparisonMore.Merges), UntilMerges().Next(First))
            .Otherwise(Last));
    }

    /// <summary>The first of the states.</summary>
    public LambdaInvoke First { get; }

    /// <summary>The last, whose output has the outcome and a report.</summary>
    public Pass Last { get; }

    private static Condition Is(ComparisonMore more) =>
        Condition.StringEquals("$.proven.more", JsonNamingPolicy.CamelCase.ConvertName(more.ToString()));

    private LambdaInvoke Prove()
    {
        var prove = new LambdaInvoke(_scope, WorkflowNames.ProveTableState, FunctionCall.Props(
            _props.Prove,
            Duration.Minutes(_props.Environment.Batch.TimeoutMinutes),
            [
                new("table.$", "$.table"), new("scope", "all"), new("repairs", _props.Repairs),
                new("run.$", "$$.Execution.Id"),
            ],
            "$.proven",
            "table", "keys", "more", "unprovable", "incomplete"));
        prove.Retrying(_props.Environment.Batch.Retries, TriedAgain.Transient);
        return prove;
    }

    private Wait UntilMerges() => new(_scope, "WaitForMerges", new WaitProps { Time = WaitTime.Duration(UntilMerged) });

    private Pass TableAsked() => new(_scope, "TableAsked", new PassProps
    {
        Parameters = new Dictionary<string, object>
        {
            ["outcome"] = TableOutcomes.Asked,
            ["report"] = new Dictionary<string, object>
            {
                ["table.$"] = "$.proven.table",
                ["keys.$"] = "$.proven.keys",
                ["unprovable.$"] = "$.proven.unprovable",
                ["incomplete.$"] = "$.proven.incomplete",
            },
        },
    });
}
