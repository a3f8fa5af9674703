using System.Text.Json.Nodes;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Functions.Metrics;
using CdcDms.LambdaRuntime;

namespace CdcDms.Functions.Tables;

/// <summary>
/// How a batch, a reading of rows for proofs or a merge of markers ended, as one line for the function's log.
/// </summary>
internal static class OutcomeLine
{
    private const string Count = MetricLine.Count;
    private const string Seconds = MetricLine.Seconds;

    /// <summary>
    /// A batch: its files, the fate of its rows, where the time went, how old its newest change was when the batch was merged, and how old
    /// the target's state is; and what became of the table's proofs, where any was judged. A table that was left alone has no number.
    /// </summary>
    public static string Of(MergeOutput batch, Invocation invocation)
    {
        if (batch.LeftAlone is { } left)
            return MetricLine.Write("left alone", batch.Table, invocation, [], [("Reason", left)]);
        var (rows, phases, now) = (batch.Rows, batch.Phases, invocation.Clock.GetUtcNow().UtcDateTime);
        List<Metric> metrics =
        [
            new(MetricNames.RowsRead, Count, rows.Read, MetricScope.Both),
            new(MetricNames.RowsInserted, Count, rows.Inserted),
            new(MetricNames.RowsUpdated, Count, rows.Updated),
            new(MetricNames.RowsUnchanged, Count, rows.Unchanged),
            new(MetricNames.RowsDeleted, Count, rows.Deleted),
            new(MetricNames.RowsSuperseded, Count, rows.Superseded),
            new(MetricNames.RowsStale, Count, rows.Stale),
            new(MetricNames.RowsQuarantined, Count, rows.Quarantined),
            new(MetricNames.Files, Count, batch.Files),
            new(MetricNames.FilesRejected, Count, batch.FilesRejected),
            new(MetricNames.Bytes, MetricLine.Bytes, batch.Bytes),
            .. Phases(phases),
        ];
        if (rows.Read > 0 && phases.Seconds > 0)
            metrics.Add(new(MetricNames.RowsPerSecond, "Count/Second", Math.Round(rows.Read / phases.Seconds)));
        if (batch.LastCommitUtc is { } committed)
            metrics.Add(new(MetricNames.LagSeconds, Seconds, Age(committed, now), MetricScope.Both));
        if (batch.FreshUntilUtc is { } fresh)
            metrics.Add(new(MetricNames.FreshnessSeconds, Seconds, Age(fresh, now), MetricScope.Both));
        if (batch is { More: false, Proofs.Failure: null } or { More: false, Proofs: null })
            metrics.Add(new(
                MetricNames.UnprovenSeconds, Seconds, batch.UnprovenSinceUtc is { } since ? Age(since, now) : 0, MetricScope.Both));
        if (batch.Proofs is { Proofs: > 0 } judged)
            metrics.AddRange(
            [
                new(MetricNames.KeysDifferent, Count, judged.KeysDifferent, MetricScope.Both),
                new(MetricNames.KeysRepaired, Count, judged.KeysRepaired),
                new(MetricNames.KeysNotJudged, Count, judged.KeysNotJudged),
                new(MetricNames.ProofsNotProven, Count, judged.NotProven),
            ]);

        if (batch.Proofs is { Failure: not null })
            metrics.Add(new(MetricNames.ProofsNotJudged, Count, 1));
        if (batch.Deleted is { Failure: not null })
            metrics.Add(new(MetricNames.DeletionsFailed, Count, 1));
        List<(string, JsonNode?)> facts =
            [.. Course(batch.Ways, batch.Attempts), ("LastCommitUtc", batch.LastCommitUtc), ("More", batch.More)];
        if (batch.NotFromSpark is { } unfit)
            facts.Add(("NotFromSpark", unfit));
        if (batch.Proofs is { } proofs)
            facts.Add(("ProofsJudged", proofs.Proofs));
        if (batch.Proofs?.Failure is { } failure)
            facts.Add(("ProofsFailure", failure));
        return MetricLine.Write("batch", batch.Table, invocation, metrics, [.. facts, .. Deleted(batch.Deleted)]);
    }

    /// <summary>
    /// A batch that was not merged, whose failure is told beside this: where its time went. None of it is a metric, which would mix it with
    /// the time of batches that were merged.
    /// </summary>
    public static string Of(BatchCourse givenUp, TableDefinition table, Invocation invocation) => MetricLine.Write(
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
        return MetricLine.Write("proof", asked.Table, invocation, [new(MetricNames.KeysAsked, Count, keys)], [.. facts]);
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
        if (markers.Deleted is { Failure: not null })
            metrics.Add(new(MetricNames.DeletionsFailed, Count, 1));
        return MetricLine.Write("markers", table: null, invocation, metrics, [("MarkerFiles", markers.Files), .. Deleted(markers.Deleted)]);
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
        new(MetricNames.ListSeconds, Seconds, phases.ListSeconds, MetricScope.Both),
        new(MetricNames.FetchSeconds, Seconds, phases.FetchSeconds, MetricScope.Both),
        new(MetricNames.PrepareSeconds, Seconds, phases.PrepareSeconds, MetricScope.Both),
        new(MetricNames.ReduceSeconds, Seconds, phases.ReduceSeconds, MetricScope.Both),
        new(MetricNames.CopySeconds, Seconds, phases.CopySeconds, MetricScope.Both),
        new(MetricNames.MergeSeconds, Seconds, phases.MergeSeconds, MetricScope.Both),
    ];

    private static IEnumerable<(string Name, JsonNode? Value)> Course(IReadOnlyList<MergeWay> ways, int attempts) =>
        [("Ways", ways.InWords()), ("Attempts", attempts)];

    private static double Age(DateTime thenUtc, DateTime nowUtc) => Math.Round(Math.Max(0, (nowUtc - thenUtc).TotalSeconds), 3);
}
