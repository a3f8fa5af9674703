using System.Text.Json;
using System.Text.Json.Nodes;
using CdcDms.Contract;
using CdcDms.Contract.Functions;

namespace CdcDms.Functions.Tables;

/// <summary>
/// Metrics in CloudWatch's embedded metric format: one line of JSON on stdout, from which CloudWatch Logs makes metrics
/// (AWS: Embedded metric format specification).
/// </summary>
internal static class Metrics
{
    private const string Count = "Count";
    private const string Seconds = "Seconds";
    private const string LocalEnvironment = "local";

    /// <summary>Writes the metrics of a batch.</summary>
    public static void Write(MergeOutput batch)
    {
        var (rows, phases) = (batch.Rows, batch.Phases);
        var seconds = phases.ListSeconds + phases.FetchSeconds + phases.ReduceSeconds + phases.CopySeconds + phases.MergeSeconds;
        List<Metric> metrics =
        [
            new(MetricNames.RowsRead, Count, rows.Read), new(MetricNames.RowsInserted, Count, rows.Inserted),
            new(MetricNames.RowsUpdated, Count, rows.Updated), new(MetricNames.RowsUnchanged, Count, rows.Unchanged),
            new(MetricNames.RowsDeleted, Count, rows.Deleted), new(MetricNames.RowsSuperseded, Count, rows.Superseded),
            new(MetricNames.RowsStale, Count, rows.Stale), new(MetricNames.RowsQuarantined, Count, rows.Quarantined),
            new(MetricNames.Files, Count, batch.Files), new(MetricNames.FilesRejected, Count, batch.FilesRejected), new(MetricNames.Bytes, "Bytes", batch.Bytes),
            new(MetricNames.ListSeconds, Seconds, phases.ListSeconds), new(MetricNames.FetchSeconds, Seconds, phases.FetchSeconds),
            new(MetricNames.ReduceSeconds, Seconds, phases.ReduceSeconds), new(MetricNames.CopySeconds, Seconds, phases.CopySeconds),
            new(MetricNames.MergeSeconds, Seconds, phases.MergeSeconds),
        ];
        if (rows.Read > 0 && seconds > 0)
            metrics.Add(new(MetricNames.RowsPerSecond, "Count/Second", Math.Round(rows.Read / seconds)));
        if (batch.LastCommitUtc is { } committed)
            metrics.Add(new(MetricNames.LagSeconds, Seconds, Math.Round(Math.Max(0, (DateTime.UtcNow - committed).TotalSeconds), 3)));
        Write(batch.Table, metrics);
    }

    /// <summary>Writes the metric of a comparison.</summary>
    public static void Write(ValidateOutput comparison) =>
        Write(comparison.Table, [new(MetricNames.ValidationMismatch, Count, comparison.Identical ? 0 : 1)]);

    private static void Write(string table, List<Metric> metrics)
    {
        var line = new JsonObject
        {
            ["_aws"] = new JsonObject
            {
                ["Timestamp"] = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(),
                ["CloudWatchMetrics"] = new JsonArray(new JsonObject
                {
                    ["Namespace"] = MetricNames.Namespace,
                    ["Dimensions"] = new JsonArray(
                        new JsonArray(MetricNames.EnvironmentDimension),
                        new JsonArray(MetricNames.EnvironmentDimension, MetricNames.TableDimension)),
                    ["Metrics"] = new JsonArray([.. metrics.Select(metric => new JsonObject { ["Name"] = metric.Name, ["Unit"] = metric.Unit })]),
                }),
            },
            [MetricNames.EnvironmentDimension] = Environment.GetEnvironmentVariable(FunctionEnvironment.EnvironmentName) ?? LocalEnvironment,
            [MetricNames.TableDimension] = table,
        };
        foreach (var metric in metrics)
            line[metric.Name] = metric.Value;
        Console.WriteLine(line.ToJsonString(JsonSerializerOptions.Default));
    }

    private readonly record struct Metric(string Name, string Unit, double Value);
}
