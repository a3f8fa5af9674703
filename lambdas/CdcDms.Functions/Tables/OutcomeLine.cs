using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.LambdaRuntime;

namespace CdcDms.Functions.Tables;

/// <summary>
/// How a batch, a reading of rows for proofs or a merge of markers ended, as one line of JSON for the function's log: every field can be
/// searched for, and CloudWatch Logs makes metrics of those that the line names (AWS: Embedded metric format specification). No line holds
/// a row's values.
/// </summary>
internal static class OutcomeLine
{
    private const string Count = "Count";
    private const string Seconds = "Seconds";
    private const string LocalEnvironment = "local";

    // People read the log, no browser does.
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// A batch: its files, the fate of its rows, where the time went, how old its newest change was when the batch was merged, and how old
    /// the target's state is; and what became of the table's proofs, where any was judged.
    /// </summary>
    public static string Of(MergeOutput batch, Invocation invocation)
    {
        var (rows, phases, now) = (batch.Rows, batch.Phases, invocation.Clock.GetUtcNow().UtcDateTime);
        List<Metric> metrics =
        [
            new(MetricNames.RowsRead, Count, rows.Read, ByTable: true),
            new(MetricNames.RowsInserted, Count, rows.Inserted),
            new(MetricNames.RowsUpdated, Count, rows.Updated),
            new(MetricNames.RowsUnchanged, Count, rows.Unchanged),
            new(MetricNames.RowsDeleted, Count, rows.Deleted),
            new(MetricNames.RowsSuperseded, Count, rows.Superseded),
            new(MetricNames.RowsStale, Count, rows.Stale),
            new(MetricNames.RowsQuarantined, Count, rows.Quarantined, ByTable: true),
            new(MetricNames.Files, Count, batch.Files),
            new(MetricNames.FilesRejected, Count, batch.FilesRejected, ByTable: true),
            new(MetricNames.Bytes, "Bytes", batch.Bytes),
            .. Phases(phases),
        ];
        if (rows.Read > 0 && phases.Seconds > 0)
            metrics.Add(new(MetricNames.RowsPerSecond, "Count/Second", Math.Round(rows.Read / phases.Seconds)));
        if (batch.LastCommitUtc is { } committed)
            metrics.Add(new(MetricNames.LagSeconds, Seconds, Age(committed, now), ByTable: true));
        if (batch.FreshUntilUtc is { } fresh)
            metrics.Add(new(MetricNames.FreshnessSeconds, Seconds, Age(fresh, now), ByTable: true));
        if (batch is { More: false, Proofs.Failure: null } or { More: false, Proofs: null })
            metrics.Add(new(
                MetricNames.UnprovenSeconds, Seconds, batch.UnprovenSinceUtc is { } since ? Age(since, now) : 0, ByTable: true));
        if (batch.Proofs is { Proofs: > 0 } judged)
            metrics.AddRange(
            [
                new(MetricNames.KeysDifferent, Count, judged.KeysDifferent, ByTable: true),
                new(MetricNames.KeysRepaired, Count, judged.KeysRepaired),
                new(MetricNames.KeysNotJudged, Count, judged.KeysNotJudged),
                new(MetricNames.ProofsNotProven, Count, judged.NotProven),
            ]);

        List<(string, JsonNode?)> facts =
            [.. Course(batch.Ways, batch.Attempts), ("LastCommitUtc", batch.LastCommitUtc), ("More", batch.More)];
        if (batch.Proofs is { } proofs)
            facts.Add(("ProofsJudged", proofs.Proofs));
        if (batch.Proofs?.Failure is { } failure)
            facts.Add(("ProofsFailure", failure));
        return Write("batch", batch.Table, invocation, metrics, [.. facts, .. Deleted(batch.Deleted)]);
    }

    /// <summary>
    /// A batch that was not merged, whose failure is told beside this: where its time went. None of it is a metric, which would mix it with
    /// the time of batches that were merged.
    /// </summary>
    public static string Of(BatchCourse givenUp, TableDefinition table, Invocation invocation) => Write(
        "given up", table.Source.ToString(), invocation, [],
        [
            .. Phases(givenUp.Phases).Select(phase => (phase.Name, (JsonNode?)phase.Value)),
            .. Course(givenUp.Ways, givenUp.Attempts),
        ]);

    /// <summary>
    /// A reading of rows for proofs: how many keys; of a whole table also what the comparison found, which may only be on its way.
    /// </summary>
    public static string Of(ProveOutput asked, Invocation invocation)
    {
        List<(string, JsonNode?)> facts = [];
        if (asked.Compared is { } compared)
            facts.AddRange(
            [
                ("SourceRows", compared.SourceRows),
                ("TargetRows", compared.TargetRows),
                ("Missing", compared.Missing),
                ("Extra", compared.Extra),
                ("Changed", compared.Changed),
            ]);
        if (asked.Unprovable is { } unprovable)
            facts.Add(("Unprovable", unprovable));
        if (asked.Incomplete is { } incomplete)
            facts.Add(("Incomplete", incomplete));
        // The call that ends a comparison counts the keys of all.
        var keys = asked.More is ComparisonMore.Nothing ? asked.Keys : 0;
        if (asked.More is not ComparisonMore.Nothing)
            facts.Add(("More", asked.More.ToString()));
        return Write("proof", asked.Table, invocation, [new(MetricNames.KeysAsked, Count, keys)], [.. facts]);
    }

    /// <summary>A merge of markers: how old the newest is, and whether their versions rise with their numbers.</summary>
    public static string Of(MergeMarkersOutput markers, Invocation invocation)
    {
        List<Metric> metrics =
        [
            new(MetricNames.MarkersOutOfOrder, Count, markers.InOrder ? 0 : 1),
            new(MetricNames.MarkerFilesRejected, Count, markers.FilesRejected),
        ];
        if (markers.NewestUtc is { } newest)
            metrics.Add(new(MetricNames.MarkerAgeSeconds, Seconds, Age(newest, invocation.Clock.GetUtcNow().UtcDateTime)));
        return Write("markers", table: null, invocation, metrics, [("MarkerFiles", markers.Files), .. Deleted(markers.Deleted)]);
    }

    private static IEnumerable<(string Name, JsonNode? Value)> Deleted(DeletedFiles? deleted)
    {
        if (deleted is { Files: > 0 })
            yield return ("FilesDeleted", deleted.Files);
        if (deleted is { Failure: { } failure })
            yield return ("DeletionFailure", failure);
    }

    private static IEnumerable<Metric> Phases(MergePhases phases) =>
    [
        new(MetricNames.ListSeconds, Seconds, phases.ListSeconds, ByTable: true),
        new(MetricNames.FetchSeconds, Seconds, phases.FetchSeconds, ByTable: true),
        new(MetricNames.PrepareSeconds, Seconds, phases.PrepareSeconds, ByTable: true),
        new(MetricNames.ReduceSeconds, Seconds, phases.ReduceSeconds, ByTable: true),
        new(MetricNames.CopySeconds, Seconds, phases.CopySeconds, ByTable: true),
        new(MetricNames.MergeSeconds, Seconds, phases.MergeSeconds, ByTable: true),
    ];

    private static IEnumerable<(string Name, JsonNode? Value)> Course(IReadOnlyList<MergeWay> ways, int attempts) =>
        [("Ways", ways.InWords()), ("Attempts", attempts)];

    private static double Age(DateTime thenUtc, DateTime nowUtc) => Math.Round(Math.Max(0, (nowUtc - thenUtc).TotalSeconds), 3);

    private static string Write(
        string outcome, string? table, Invocation invocation, List<Metric> metrics, params (string Name, JsonNode? Value)[] facts)
    {
        var line = new JsonObject();
        if (metrics.Count > 0)
            line["_aws"] = new JsonObject
            {
                ["Timestamp"] = invocation.Clock.GetUtcNow().ToUnixTimeMilliseconds(),
                ["CloudWatchMetrics"] = new JsonArray([.. metrics.GroupBy(metric => metric.ByTable).Select(Directive)]),
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

    private static JsonObject Directive(IGrouping<bool, Metric> metrics) => new()
    {
        ["Namespace"] = MetricNames.Namespace,
        ["Dimensions"] = metrics.Key
            ? new JsonArray(
                new JsonArray(MetricNames.EnvironmentDimension),
                new JsonArray(MetricNames.EnvironmentDimension, MetricNames.TableDimension))
            : new JsonArray(new JsonArray(MetricNames.EnvironmentDimension)),
        ["Metrics"] = new JsonArray([.. metrics.Select(metric => new JsonObject { ["Name"] = metric.Name, ["Unit"] = metric.Unit })]),
    };

    private readonly record struct Metric(string Name, string Unit, double Value, bool ByTable = false);
}
