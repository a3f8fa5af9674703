using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.LambdaRuntime;

namespace CdcDms.Functions.Metrics;

/// <summary>
/// One line of JSON for a function's log: every field can be searched for, and CloudWatch Logs makes metrics of those that the line names
/// (AWS: Embedded metric format specification). No line holds a row's values.
/// </summary>
internal static class MetricLine
{
    public const string Count = "Count";
    public const string Seconds = "Seconds";
    public const string Bytes = "Bytes";
    private const string LocalEnvironment = "local";

    // People read the log, no browser does.
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string[] OfEnvironment = [MetricNames.EnvironmentDimension];
    private static readonly string[] OfTable = [MetricNames.EnvironmentDimension, MetricNames.TableDimension];

    /// <summary>Writes a line.</summary>
    /// <param name="outcome">What the line tells of.</param>
    /// <param name="table">The table that it is about; null when it is about none. A metric's series of a table needs it.</param>
    /// <param name="invocation">The invocation.</param>
    /// <param name="metrics">What becomes metrics.</param>
    /// <param name="facts">What else is told.</param>
    public static string Write(
        string outcome,
        string? table,
        Invocation invocation,
        IReadOnlyCollection<Metric> metrics,
        params IEnumerable<(string Name, JsonNode? Value)> facts)
    {
        var line = new JsonObject();
        if (metrics.Count > 0)
            line["_aws"] = new JsonObject
            {
                ["Timestamp"] = invocation.Clock.GetUtcNow().ToUnixTimeMilliseconds(),
                ["CloudWatchMetrics"] = new JsonArray([.. metrics.GroupBy(metric => metric.Scope).Select(Directive)]),
            };
        line[MetricNames.EnvironmentDimension] =
            Environment.GetEnvironmentVariable(FunctionEnvironment.EnvironmentName) ?? LocalEnvironment;
        if (table is not null)
            line[MetricNames.TableDimension] = table;
        line["Outcome"] = outcome;
        line["RequestId"] = invocation.RequestId;
        foreach (var metric in metrics)
            line[metric.Name] = metric.Value;
        foreach (var (name, value) in facts)
            line[name] = value;
        return line.ToJsonString(Readable);
    }

    private static JsonObject Directive(IGrouping<MetricScope, Metric> metrics) => new()
    {
        ["Namespace"] = MetricNames.Namespace,
        ["Dimensions"] = new JsonArray([.. Dimensions(metrics.Key).Select(names => Strings(names))]),
        ["Metrics"] = new JsonArray([.. metrics.Select(metric => new JsonObject { ["Name"] = metric.Name, ["Unit"] = metric.Unit })]),
    };

    private static string[][] Dimensions(MetricScope series) => series switch
    {
        MetricScope.Environment => [OfEnvironment],
        MetricScope.Table => [OfTable],
        _ => [OfEnvironment, OfTable],
    };

    private static JsonArray Strings(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);
}
