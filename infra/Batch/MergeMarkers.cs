using Amazon.CDK.AWS.StepFunctions;
using Amazon.CDK.AWS.StepFunctions.Tasks;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Notices;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>What the state needs that merges markers.</summary>
internal sealed record MergeMarkersProps
{
    public required DeploymentEnvironment Environment { get; init; }

    /// <summary>Merges markers.</summary>
    public required DotnetFunction Function { get; init; }

    /// <summary>The lake's address.</summary>
    public required string Lake { get; init; }

    /// <summary>Where people are told of a failure.</summary>
    public required NoticeTopics Topics { get; init; }

    /// <summary>The state to go on with; it gets this state's input.</summary>
    public required State Then { get; init; }
}

/// <summary>
/// Merges markers. If that fails, people are told and the workflow goes on: no table waits for its markers, which the next batch merges.
/// </summary>
internal sealed class MergeMarkers : LambdaInvoke
{
    public MergeMarkers(Construct scope, string id, MergeMarkersProps props)
        : base(scope, id, FunctionCall.Props(
            props.Function,
            BatchFunctions.LongestMergeOfMarkers,
            [new(WorkflowNames.LakeInput, props.Lake), new("retentionDays", props.Environment.Lake.RetentionDays)],
            JsonPath.DISCARD))
    {
        this.Retrying(props.Environment.Batch.Retries, TriedAgain.Transient);
        var tell = new TellPeople(scope, "TellMarkersNotMerged", new TellPeopleProps
        {
            Environment = props.Environment,
            Topics = props.Topics.Warning,
            What = "markers were not merged",
            MessagePath = "$.warning.message",
            Runbook = "markers-not-merged",
            Then = props.Then,
        });
        AddCatch(Warning(scope, props.Environment).Next(tell.First), new CatchProps { ResultPath = "$.failure" });
        Next(props.Then);
    }

    private static Pass Warning(Construct scope, DeploymentEnvironment environment) => new(scope, "MarkersNotMerged", new PassProps
    {
        Parameters = new Dictionary<string, object>
        {
            ["message.$"] = $"States.Format('[warning] {BatchNames.Workflow(environment)}: markers were not merged, so that nothing "
                + "tells how fresh the tables are, which are merged nevertheless: {}', States.JsonToString($.failure))",
        },
        ResultPath = "$.warning",
    });
}
