using Amazon.CDK;
using Amazon.CDK.AWS.Events;
using Amazon.CDK.AWS.Events.Targets;
using Amazon.CDK.AWS.Lambda;
using CdcDms.Infra.Functions;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>What the schedule of markers needs.</summary>
internal sealed record MarkerScheduleProps
{
    /// <summary>Minutes between two markers.</summary>
    public required int Minutes { get; init; }

    /// <summary>Writes a marker.</summary>
    public required DotnetFunction Function { get; init; }
}

/// <summary>
/// Writes a marker again and again. A call that Lambda does not take is tried again until the next one is due. One that failed is not: the
/// next marker is the next attempt, so that each error that Lambda counts is a marker (AWS Lambda developer guide, "How Lambda handles
/// errors and retries with asynchronous invocation").
/// </summary>
internal sealed class MarkerSchedule : Construct
{
    public MarkerSchedule(Construct scope, string id, MarkerScheduleProps props)
        : base(scope, id)
    {
        var interval = Duration.Minutes(props.Minutes);
        props.Function.Function.ConfigureAsyncInvoke(new EventInvokeConfigOptions { RetryAttempts = 0, MaxEventAge = interval });
        _ = new Rule(this, "Rule", new RuleProps
        {
            Description = "Write a marker at the source",
            Schedule = Schedule.Rate(interval),
            Targets = [new LambdaFunction(props.Function.Function, new LambdaFunctionProps { RetryAttempts = 2, MaxEventAge = interval })],
        });
    }
}
