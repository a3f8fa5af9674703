using Amazon.CDK;
using Amazon.CDK.AWS.CloudWatch;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Notices;

namespace CdcDms.Infra.Monitoring;

/// <summary>What is watched about a stream and the function that reads it (AWS: Kinesis and Lambda, metrics).</summary>
internal static class StreamAlarms
{
    private const double MillisecondsOfASecond = 1_000;
    private const double MillisecondsOfAnHour = 3_600_000;
    private static readonly Duration Period = Duration.Minutes(5);

    /// <param name="environment">The environment; one without a stream has none of the alarms.</param>
    /// <param name="stackPart">What is at the end of the stream's name.</param>
    /// <param name="metrics">What health checks find.</param>
    public static IEnumerable<AlarmDefinition> Of(DeploymentEnvironment environment, string stackPart, BatchMetrics metrics)
    {
        if (environment.Replication.Route is not StreamRoute route)
            return [];
        var names = new ReplicationNames(environment);
        var age = Metric("AWS/Lambda", "IteratorAge", Stats.MAXIMUM, new() { ["FunctionName"] = names.StreamReader });
        return
        [
            new()
            {
                Name = "stream-age",
                Severity = Severity.Critical,
                Meaning = "The function does not keep up with the stream: what it has not read when the retention ends is lost.",
                Metric = age,
                Threshold = route.RetentionHours * MillisecondsOfAnHour / 2,
            },

            // Markers that come through the other shards make all look well while one waits.
            new()
            {
                Name = "stream-late",
                Severity = Severity.Warning,
                Meaning = "The function writes changes to the lake late, or not those of one shard.",
                Metric = age,
                Threshold = environment.Alarms.TargetLatencySeconds * MillisecondsOfASecond,
                QuietWhilePlanned = true,
            },
            AlarmDefinition.AtTheFirst(
                "stream-rejects",
                Severity.Critical,
                "Messages of DMS could not be understood: they wait beside the lake, and their changes are in no table.",
                metrics.RejectsWaiting),
            new()
            {
                Name = "stream-full",
                Severity = Severity.Warning,
                Meaning = "The stream takes DMS's messages slower than they come; the source keeps WAL until they are written.",
                Metric = Metric(
                    "AWS/Kinesis", "WriteProvisionedThroughputExceeded", Stats.SUM, new() { ["StreamName"] = names.StreamOf(stackPart) }),
                Threshold = 0,
                Silence = TreatMissingData.NOT_BREACHING,
            },
        ];
    }

    private static Metric Metric(string space, string name, string statistic, Dictionary<string, string> dimensions) => new(new MetricProps
    {
        Namespace = space,
        MetricName = name,
        DimensionsMap = dimensions,
        Statistic = statistic,
        Period = Period,
    });
}
