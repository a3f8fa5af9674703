using Amazon.CDK.AWS.StepFunctions;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>What both state machines do with a failure that was caught.</summary>
internal static class Failures
{
    /// <summary>Gives a failure without a cause, as a timeout is, one: a path that leads to nothing would fail the execution where nothing catches it.</summary>
    public static Pass WithCause(Construct scope) => new(scope, "NoCause", new PassProps
    {
        Result = Result.FromString("AWS gave no cause; see the history of the execution."),
        ResultPath = "$.failure.Cause",
    });
}
