using System.Text.Json.Nodes;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Functions.Metrics;
using CdcDms.LambdaRuntime;

namespace CdcDms.Functions.Streaming;

/// <summary>What a batch of a stream has become, as a line of the log.</summary>
internal static class StreamLine
{
    /// <summary>The line.</summary>
    public static string Of(StreamOutput output, Invocation invocation)
    {
        List<(string, JsonNode?)> facts =
            [("Rows", output.Rows), ("Control", output.Control), ("Ignored", output.Ignored), ("Passed", output.Passed)];
        if (output.Rejects is { } rejects)
            facts.Add(("Rejects", rejects));
        if (output.Alterations.Count > 0)
            facts.Add(("Altered", string.Join(", ", output.Alterations.Select(one => $"{one.Key} {one.Value}"))));
        return MetricLine.Write(
            "stream", table: null, invocation,
            [
                new(StreamMetricNames.Read, MetricLine.Count, output.Read),
                new(StreamMetricNames.Rejected, MetricLine.Count, output.Rejected),
                new(StreamMetricNames.Alterations, MetricLine.Count, output.Alterations.Values.Sum()),
                new(StreamMetricNames.Files, MetricLine.Count, output.Files),
            ],
            facts);
    }
}
