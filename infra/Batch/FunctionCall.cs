using Amazon.CDK;
using Amazon.CDK.AWS.StepFunctions;
using Amazon.CDK.AWS.StepFunctions.Tasks;
using CdcDms.Infra.Functions;
using Timeout = Amazon.CDK.AWS.StepFunctions.Timeout;

namespace CdcDms.Infra.Batch;

/// <summary>What every state has in common that calls one of our functions.</summary>
internal static class FunctionCall
{
    /// <summary>The state's properties.</summary>
    /// <param name="function">The function.</param>
    /// <param name="longest">The function's own timeout.</param>
    /// <param name="input">The function's input.</param>
    /// <param name="resultPath">Where the answer goes; null in place of the state's input.</param>
    /// <param name="kept">The properties of the answer that are kept; none for all.</param>
    public static LambdaInvokeProps Props(
        DotnetFunction function,
        Duration longest,
        IEnumerable<KeyValuePair<string, object>> input,
        string? resultPath,
        params string[] kept) => new()
        {
            LambdaFunction = function.Function,
            Payload = TaskInput.FromObject(new Dictionary<string, object>(input)),
            ResultSelector = kept.Length == 0 ? null : kept.ToDictionary(name => $"{name}.$", name => (object)$"$.Payload.{name}"),
            ResultPath = resultPath,

            // The function's own timeout comes first, and says more.
            TaskTimeout = Timeout.Duration(longest.Plus(Duration.Minutes(1))),
            RetryOnServiceExceptions = false,
        };
}
