using Amazon.CDK;
using Amazon.CDK.AWS.CloudWatch;
using CdcDms.Contract;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Naming;

namespace CdcDms.Infra.Monitoring;

/// <summary>The workflow's metrics: those of Step Functions and SQS by fixed names, and those that the functions write.</summary>
/// <param name="environment">Whose workflow.</param>
/// <param name="workflow">The metrics of the state machine over all tables.</param>
/// <param name="proofs">The metrics of the state machine of full proofs.</param>
internal sealed class BatchMetrics(DeploymentEnvironment environment, StateMachineMetrics workflow, StateMachineMetrics proofs)
{
    private const double MinutesOfADay = 1440;
    private static readonly Duration FiveMinutes = Duration.Minutes(5);

    // An alarm by table looks back no further (AWS: CloudWatch alarms, limits of those on Metrics Insights queries).
    private const double MostMinutesByTable = 180;

    private static readonly string[] RowCounts =
    [
        MetricNames.RowsInserted,
        MetricNames.RowsUpdated,
        MetricNames.RowsUnchanged,
        MetricNames.RowsDeleted,
        MetricNames.RowsSuperseded,
        MetricNames.RowsStale,
        MetricNames.RowsQuarantined,
    ];

    private static readonly string[] PhaseSeconds =
    [
        MetricNames.ListSeconds,
        MetricNames.FetchSeconds,
        MetricNames.PrepareSeconds,
        MetricNames.ReduceSeconds,
        MetricNames.CopySeconds,
        MetricNames.MergeSeconds,
    ];

    /// <summary>The time between two batches, as far as an alarm can look at once.</summary>
    public Duration Interval { get; } = Between(environment.Batch.Schedule);

    /// <summary>Executions that ended without success.</summary>
    public IMetric NotSucceeded => workflow.Ended("Batches without success", UnhappyEnd.Failed, UnhappyEnd.Late, UnhappyEnd.Aborted);

    /// <summary>Executions that succeeded in an interval.</summary>
    public IMetric Succeeded => workflow.Succeeded(Interval);

    /// <summary>Seconds from a change's commit at the source to its commit in analytics.</summary>
    public IMetric Lag => Function(MetricNames.LagSeconds, Stats.MAXIMUM, Interval);

    /// <summary>Seconds since the time up to which the stalest table has every change.</summary>
    public IMetric Freshness => Function(MetricNames.FreshnessSeconds, Stats.MAXIMUM, Interval);

    /// <summary>Seconds since the newest marker in the ledger was committed at the source.</summary>
    public IMetric MarkerAge => Function(MetricNames.MarkerAgeSeconds, Stats.MAXIMUM, Interval);

    /// <summary>1 when the versions of markers did not rise with their numbers in an interval.</summary>
    public IMetric MarkersOutOfOrder => Function(MetricNames.MarkersOutOfOrder, Stats.MAXIMUM, Interval);

    /// <summary>Failed calls of the function that writes a marker, between two markers.</summary>
    public IMetric MarkersNotWritten => new Metric(new MetricProps
    {
        Namespace = "AWS/Lambda",
        MetricName = "Errors",
        DimensionsMap = new Dictionary<string, string> { ["FunctionName"] = BatchNames.WriteMarker(environment) },
        Statistic = Stats.SUM,
        Period = Duration.Minutes(environment.Replication.MarkerMinutes),
    });

    /// <summary>The lag for an alarm, table by table where it can look back so far: its message names the tables.</summary>
    public IMetric LagByTable => LooksByTable ? ByTable(MetricNames.LagSeconds, "MAX", Interval) : Lag;

    /// <summary>The freshness in the same way.</summary>
    public IMetric FreshnessByTable => LooksByTable ? ByTable(MetricNames.FreshnessSeconds, "MAX", Interval) : Freshness;

    /// <summary>Runs of the Spark job that failed.</summary>
    public IMetric SparkRunsFailed => Function(SparkMetricNames.RunsFailed, Stats.SUM, FiveMinutes);

    /// <summary>Merges that could not delete what is old and merged.</summary>
    public IMetric DeletionsFailed => Function(MetricNames.DeletionsFailed, Stats.SUM, FiveMinutes);

    /// <summary>1 when a health check could look at everything.</summary>
    public IMetric HealthChecked => Function(MetricNames.HealthChecked, Stats.MAXIMUM, Between(environment.Health.Schedule));

    /// <summary>1 while the replication runs.</summary>
    public IMetric ReplicationRuns => Function(MetricNames.ReplicationRuns, Stats.MAXIMUM, Between(environment.Health.Schedule));

    /// <summary>A gauge of health checks, of the tables that have it.</summary>
    /// <param name="name">One of <see cref="MetricNames"/>.</param>
    public IMetric OfTables(string name) => ByTable(name, "MAX", Between(environment.Health.Schedule));

    /// <summary>The most WAL that the source keeps for a slot, as health checks see it, also where it is not on RDS.</summary>
    public IMetric SlotRetained => Function(MetricNames.SlotRetainedBytes, Stats.MAXIMUM, Between(environment.Health.Schedule));

    /// <summary>Slots whose WAL the source has removed, or is about to.</summary>
    public IMetric SlotsLost => Function(MetricNames.SlotsLost, Stats.MAXIMUM, Between(environment.Health.Schedule));

    /// <summary>Objects of messages of a stream that could not be understood, while there are some.</summary>
    public IMetric RejectsWaiting => Function(StreamMetricNames.RejectsWaiting, Stats.MAXIMUM, Between(environment.Health.Schedule));

    /// <summary>Seconds since the newest full proof that found a table right, or repaired it: of all tables the most.</summary>
    public IMetric OldestProof => Function(MetricNames.OldestProofSeconds, Stats.MAXIMUM, Between(environment.Health.Schedule));

    /// <summary>What was read from the lake.</summary>
    public IMetric[] Read => [Function(MetricNames.Files, Stats.SUM, FiveMinutes), Function(MetricNames.Bytes, Stats.SUM, FiveMinutes)];

    /// <summary>Rows that the target refused.</summary>
    public IMetric Quarantined => Function(MetricNames.RowsQuarantined, Stats.SUM, FiveMinutes);

    /// <summary>Files that could not be read.</summary>
    public IMetric Rejected => Function(MetricNames.FilesRejected, Stats.SUM, FiveMinutes);

    /// <summary>Keys that differed from the source, as proofs tell, and were not repaired.</summary>
    public IMetric Unrepaired => new MathExpression(new MathExpressionProps
    {
        Expression = "different - repaired",
        Label = "Keys that differ and are not repaired",
        Period = FiveMinutes,
        UsingMetrics = new Dictionary<string, IMetric> { ["different"] = Different, ["repaired"] = Repaired },
    });

    /// <summary>Keys that differed from the source.</summary>
    public IMetric Different => Function(MetricNames.KeysDifferent, Stats.SUM, FiveMinutes);

    /// <summary>Of these, keys that were repaired.</summary>
    public IMetric Repaired => Function(MetricNames.KeysRepaired, Stats.SUM, FiveMinutes);

    /// <summary>Keys of which a proof says nothing.</summary>
    public IMetric NotJudged => Function(MetricNames.KeysNotJudged, Stats.SUM, FiveMinutes);

    /// <summary>Proofs of which nothing could be said, and merges that could not judge what was read for proofs.</summary>
    public IMetric NotProven => new MathExpression(new MathExpressionProps
    {
        // A metric that has no value has no sum with the other.
        Expression = "FILL(unsaid, 0) + FILL(unjudged, 0)",
        Label = "Proofs of which nothing is said",
        Period = FiveMinutes,
        UsingMetrics = new Dictionary<string, IMetric>
        {
            ["unsaid"] = Function(MetricNames.ProofsNotProven, Stats.SUM, FiveMinutes),
            ["unjudged"] = Function(MetricNames.ProofsNotJudged, Stats.SUM, FiveMinutes),
        },
    });

    /// <summary>Full proofs that ended without success: not every table was compared.</summary>
    public IMetric FullProofsNotSucceeded =>
        proofs.Ended("Full proofs without success", UnhappyEnd.Failed, UnhappyEnd.Late, UnhappyEnd.Aborted);

    /// <summary>Full proofs that succeeded between two of them, as far as an alarm can look at once.</summary>
    /// <param name="schedule">When they start.</param>
    public IMetric FullProofs(Schedule schedule) => proofs.Succeeded(Between(schedule));

    /// <summary>Starts that could not be delivered.</summary>
    public IMetric Undelivered => new Metric(new MetricProps
    {
        Namespace = "AWS/SQS",
        MetricName = "ApproximateNumberOfMessagesVisible",
        DimensionsMap = new Dictionary<string, string> { ["QueueName"] = BatchNames.Undelivered(environment) },
        Statistic = Stats.MAXIMUM,
        Period = FiveMinutes,
    });

    /// <summary>What became of the rows.</summary>
    public IMetric[] Rows => [.. RowCounts.Select(name => Function(name, Stats.SUM, FiveMinutes))];

    /// <summary>Where the time of merges goes.</summary>
    public IMetric[] Phases => [.. PhaseSeconds.Select(name => Function(name, Stats.SUM, FiveMinutes))];

    /// <summary>Rows merged a second.</summary>
    public IMetric Speed => Function(MetricNames.RowsPerSecond, Stats.AVERAGE, FiveMinutes);

    /// <summary>The time between two starts, as far as an alarm can look at once: from a minute to a day.</summary>
    public static Duration Between(Schedule schedule) =>
        Duration.Minutes(Math.Clamp(Math.Ceiling(schedule.LongestGap.TotalMinutes), 1, MinutesOfADay));

    private bool LooksByTable => Interval.ToMinutes() <= MostMinutesByTable;

    // A series for each table that has the metric: each that is over the threshold is told by its name.
    private MathExpression ByTable(string name, string function, Duration period) => new(new MathExpressionProps
    {
        Expression = $"SELECT {function}({name}) FROM SCHEMA(\"{MetricNames.Namespace}\", {MetricNames.EnvironmentDimension}, "
            + $"\"{MetricNames.TableDimension}\") WHERE {MetricNames.EnvironmentDimension} = '{environment.Name}' "
            + $"GROUP BY \"{MetricNames.TableDimension}\" ORDER BY {function}() DESC",
        Label = name,
        Period = period,
    });

    private Metric Function(string name, string statistic, Duration period) => new(new MetricProps
    {
        Namespace = MetricNames.Namespace,
        MetricName = name,
        DimensionsMap = new Dictionary<string, string> { [MetricNames.EnvironmentDimension] = environment.Name },
        Statistic = statistic,
        Period = period,
    });
}
