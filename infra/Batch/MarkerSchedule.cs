using Amazon.CDK;
using Amazon.CDK.AWS.Events;
using Amazon.CDK.AWS.Events.Targets;
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
/// Writes a marker again and again. A call that Lambda does not take is tried again until the next one is due; Lambda itself tries a call
/// that failed twice more.
/// </summary>
internal sealed class MarkerSchedule : Construct
{
    public MarkerSchedule(Construct scope, string id, MarkerScheduleProps props)
        : base(scope, id)
    {
        var interval = Duration.Minutes(props.Minutes);
        _ = new Rule(this, "Rule", new RuleProps
        {
            Description = "Write a marker at the source",
            Schedule = Schedule.Rate(interval),
            Targets = [new LambdaFunction(props.Function.Function, new LambdaFunctionProps { RetryAttempts = 2, MaxEventAge = interval })],
        });
    }
}
