using Amazon.CDK.AWS.StepFunctions;
using Constructs;

namespace CdcDms.Infra.Batch;

/// <summary>
/// Gives a failure that was caught without a cause, such as a timeout, a cause: a path that leads to nothing would fail the execution
/// where nothing catches it.
/// </summary>
internal sealed class NoCause(Construct scope, string id) : Pass(scope, id, new PassProps
{
    Result = Amazon.CDK.AWS.StepFunctions.Result.FromString("AWS gave no cause; see the history of the execution."),
    ResultPath = "$.failure.Cause",
})
{
    /// <summary>
    /// Whether the failure came without a cause. The interpreter of the local workflow never finds that something is not present, and finds
    /// that something is present not to be so.
    /// </summary>
    public static Condition IsIt => Condition.Not(Condition.IsPresent("$.failure.Cause"));
}
