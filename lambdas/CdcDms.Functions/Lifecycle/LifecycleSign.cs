using System.Text.Json.Nodes;
using CdcDms.Contract;
using CdcDms.Contract.Functions;

namespace CdcDms.Functions.Lifecycle;

/// <summary>
/// A sign of what is done to the replication on purpose, as one line of JSON for the function's log, of which CloudWatch Logs makes a
/// metric (AWS: Embedded metric format specification). Alarms are quiet for a time after a sign, so nothing has to take one back.
/// </summary>
internal static class LifecycleSign
{
    /// <summary>The line, with the time of its clock.</summary>
    /// <param name="metric">What is done: one of <see cref="MetricNames"/>.</param>
    /// <param name="clock">Tells the time.</param>
    public static string Of(string metric, TimeProvider clock) => new JsonObject
    {
        ["_aws"] = new JsonObject
        {
            ["Timestamp"] = clock.GetUtcNow().ToUnixTimeMilliseconds(),
            ["CloudWatchMetrics"] = new JsonArray(new JsonObject
            {
                ["Namespace"] = MetricNames.Namespace,
                ["Dimensions"] = new JsonArray(new JsonArray(MetricNames.EnvironmentDimension)),
                ["Metrics"] = new JsonArray(new JsonObject { ["Name"] = metric, ["Unit"] = "Count" }),
            }),
        },
        [MetricNames.EnvironmentDimension] = Environment.GetEnvironmentVariable(FunctionEnvironment.EnvironmentName) ?? "local",
        [metric] = 1,
    }.ToJsonString();
}
