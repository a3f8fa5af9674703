using Amazon.CDK.AWS.CloudWatch;
using CdcDms.Infra.Environments;

namespace CdcDms.Infra.Monitoring;

/// <summary>What is watched about the workflow, and from which values on.</summary>
internal static class BatchAlarms
{
    // An alarm looks back seven days at most (AWS: CloudWatch alarms, evaluation range).
    private const double MostDays = 7;

    public static IEnumerable<AlarmDefinition> Of(DeploymentEnvironment environment, BatchMetrics metrics) =>
    [
        Once("batch-failed", Severity.Critical, "A batch did not merge every table.", metrics.NotSucceeded),
        new()
        {
            Name = "batch-missing",
            Severity = Severity.Critical,
            Meaning = "No batch has succeeded for three intervals.",
            Metric = metrics.Succeeded,
            Threshold = 1,
            Comparison = ComparisonOperator.LESS_THAN_THRESHOLD,
            Periods = Intervals(environment.Batch.Schedule, metrics, 3),
            Silence = TreatMissingData.BREACHING,
        },
        new()
        {
            Name = "analytics-age",
            Severity = Severity.Critical,
            Meaning = "Changes reach the analytics database later than they should.",
            Metric = metrics.Lag,
            Threshold = environment.Alarms.AnalyticsAgeMinutes * 60,
            Periods = 1,
            Silence = TreatMissingData.NOT_BREACHING,
        },
        Once("quarantined-rows", Severity.Warning, "The analytics database refused rows, which were put aside.", metrics.Quarantined),
        Once("rejected-files", Severity.Warning, "Files of the lake could not be read, and nothing of them was applied.", metrics.Rejected),
        new()
        {
            Name = "validation-mismatch",
            Severity = Severity.Warning,
            Meaning = "A table has differed from its source after each of the last three batches.",
            Metric = metrics.Mismatch,
            Threshold = 0,
            Periods = Intervals(environment.Batch.Schedule, metrics, 3),
            Silence = TreatMissingData.NOT_BREACHING,
        },
        Once("batch-undelivered", Severity.Warning, "A start of the batch could not be delivered.", metrics.Undelivered),
    ];

    /// <summary>Rings as soon as something is counted that should never happen; silence is good.</summary>
    private static AlarmDefinition Once(string name, Severity severity, string meaning, IMetric metric) => new()
    {
        Name = name,
        Severity = severity,
        Meaning = meaning,
        Metric = metric,
        Threshold = 0,
        Periods = 1,
        Silence = TreatMissingData.NOT_BREACHING,
    };

    private static int Intervals(Schedule schedule, BatchMetrics metrics, int count) =>
        (int)Math.Min(Math.Ceiling(count * schedule.LongestGap.TotalMinutes / metrics.Interval.ToMinutes()), MostDays * 1440 / metrics.Interval.ToMinutes());
}
