using Amazon.CDK.AWS.CloudWatch;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Notices;

namespace CdcDms.Infra.Monitoring;

/// <summary>What is watched about the workflow, and from which values on.</summary>
internal static class BatchAlarms
{
    // An alarm looks back seven days at most (AWS: CloudWatch alarms, evaluation range).
    private const double MostMinutes = 7 * 24 * 60;

    public static IEnumerable<AlarmDefinition> Of(DeploymentEnvironment environment, BatchMetrics metrics) =>
    [
        .. Batches(environment, metrics), .. Spark(environment, metrics), .. Markers(environment, metrics), .. Proofs(environment, metrics),
        .. HealthAlarms.Of(environment, metrics),
    ];

    private static IEnumerable<AlarmDefinition> Batches(DeploymentEnvironment environment, BatchMetrics metrics) =>
    [
        AlarmDefinition.AtTheFirst(
            "batch-failed",
            Severity.Critical,
            "A batch did not merge every table.",
            metrics.NotSucceeded),
        new()
        {
            Name = "batch-missing",
            Severity = Severity.Critical,
            Meaning = "No batch has succeeded for three intervals.",
            Metric = metrics.Succeeded,
            Threshold = 1,
            Comparison = ComparisonOperator.LESS_THAN_THRESHOLD,
            Periods = Intervals(environment.Batch.Schedule, 3),
            Silence = TreatMissingData.BREACHING,
            QuietWhilePlanned = true,
            QuietAtFirst = true,
        },
        new()
        {
            Name = "analytics-age",
            Severity = Severity.Critical,
            Meaning = "Changes reach the analytics database later than they should.",
            Metric = metrics.LagByTable,
            Threshold = environment.Alarms.AnalyticsAgeMinutes * 60,
            Periods = 1,
            Silence = TreatMissingData.NOT_BREACHING,
        },
        AlarmDefinition.AtTheFirst(
            "files-not-deleted",
            Severity.Warning,
            "Files that were merged as long ago as the lake keeps them could not be deleted.",
            metrics.DeletionsFailed),
        AlarmDefinition.AtTheFirst(
            "batch-undelivered",
            Severity.Warning,
            "A start of a batch, a full proof, a health check or the daily message could not be delivered.",
            metrics.Undelivered),
    ];

    private static IEnumerable<AlarmDefinition> Spark(DeploymentEnvironment environment, BatchMetrics metrics) =>
        environment.Batch.Glue is null ? [] :
        [
            AlarmDefinition.AtTheFirst(
                "spark-failed",
                Severity.Warning,
                "A run of the Spark job failed, and functions merged its table alone.",
                metrics.SparkRunsFailed),
        ];

    private static IEnumerable<AlarmDefinition> Markers(DeploymentEnvironment environment, BatchMetrics metrics) =>
    [
        new()
        {
            Name = "freshness",
            Severity = Severity.Critical,
            Meaning = "A table has not every change that is older than it should be.",
            Metric = metrics.FreshnessByTable,
            Threshold = environment.Alarms.FreshnessMinutes * 60,
            Periods = 1,
            Silence = TreatMissingData.IGNORE,
        },
        new()
        {
            Name = "marker-age",
            Severity = Severity.Critical,
            Meaning = "Markers have not come through the lake: nothing tells how fresh the tables are.",
            Metric = metrics.MarkerAge,
            Threshold = MostAgeOfMarker(environment.Replication).TotalSeconds,
            Periods = Intervals(environment.Batch.Schedule, 2),
            Silence = TreatMissingData.BREACHING,
            QuietWhilePlanned = true,
            QuietAtFirst = true,
        },
        AlarmDefinition.AtTheFirst(
            "markers-out-of-order",
            Severity.Critical,
            "The versions of markers do not rise with their numbers: the order of changes is not that of their commits.",
            metrics.MarkersOutOfOrder) with { Silence = TreatMissingData.IGNORE },
        new()
        {
            Name = "marker-not-written",
            Severity = Severity.Warning,
            Meaning = "The function that writes a marker at the source has failed twice in a row.",
            Metric = metrics.MarkersNotWritten,
            Threshold = 0,
            Periods = 2,
            Silence = TreatMissingData.NOT_BREACHING,
        },
    ];

    private static IEnumerable<AlarmDefinition> Proofs(DeploymentEnvironment environment, BatchMetrics metrics)
    {
        yield return AlarmDefinition.AtTheFirst(
            "rows-differ",
            Severity.Critical,
            "Rows of the analytics database differ from the source, and were not repaired.",
            metrics.Unrepaired);
        yield return AlarmDefinition.AtTheFirst(
            "not-proven",
            Severity.Warning,
            "Rows were read for a proof, and nothing could be said of them.",
            metrics.NotProven);

        if (environment.Validation.Full is not null)
            yield return AlarmDefinition.AtTheFirst(
                "proof-failed",
                Severity.Warning,
                "A full proof did not compare every table.",
                metrics.FullProofsNotSucceeded);

        // Where only one start is within what an alarm looks back on, silence says nothing.
        if (environment.Validation.Full is { Schedule: var schedule } && MostGaps(schedule) is >= 2 and var gaps)
            yield return new()
            {
                Name = "proof-missing",
                Severity = Severity.Warning,
                Meaning = "No full proof has read every table for several intervals.",
                Metric = metrics.FullProofs(schedule),
                Threshold = 1,
                Comparison = ComparisonOperator.LESS_THAN_THRESHOLD,
                Periods = Intervals(schedule, gaps),
                Silence = TreatMissingData.BREACHING,
                QuietWhilePlanned = true,
                QuietAtFirst = true,
            };
    }

    // One marker may be lost, and a file may be late.
    private static TimeSpan MostAgeOfMarker(ReplicationSettings replication) =>
        TimeSpan.FromMinutes(3 * replication.MarkerMinutes) + TimeSpan.FromSeconds(3 * replication.MarkerSeconds);

    // How many of a metric's intervals make up some gaps between two starts.
    private static int Intervals(Schedule schedule, int gaps)
    {
        var interval = BatchMetrics.Between(schedule).ToMinutes();
        return (int)Math.Min(Math.Ceiling(gaps * schedule.LongestGap.TotalMinutes / interval), MostMinutes / interval);
    }

    private static int MostGaps(Schedule schedule) => (int)Math.Min(3, MostMinutes / schedule.LongestGap.TotalMinutes);
}
