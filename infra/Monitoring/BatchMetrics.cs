using Amazon.CDK;
using Amazon.CDK.AWS.CloudWatch;
using CdcDms.Contract;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Stacks;

namespace CdcDms.Infra.Monitoring;

/// <summary>The workflow's metrics: those of Step Functions and SQS by fixed names, and those that the functions write.</summary>
internal sealed class BatchMetrics(OperationsStack stack)
{
    private static readonly Duration FiveMinutes = Duration.Minutes(5);

    /// <summary>The time between two batches, as far as an alarm can look at once: from a minute to a day.</summary>
    public Duration Interval { get; } = Duration.Minutes(Math.Clamp(Math.Ceiling(stack.Settings.Batch.Schedule.LongestGap.TotalMinutes), 1, 1440));

    /// <summary>Executions that ended without success.</summary>
    public IMetric NotSucceeded => new MathExpression(new MathExpressionProps
    {
        Expression = "failed + late + aborted",
        Label = "Batches without success",
        Period = FiveMinutes,
        UsingMetrics = new Dictionary<string, IMetric>
        {
            ["failed"] = Executions("ExecutionsFailed", FiveMinutes),
            ["late"] = Executions("ExecutionsTimedOut", FiveMinutes),
            ["aborted"] = Executions("ExecutionsAborted", FiveMinutes),
        },
    });

    /// <summary>Executions that succeeded in an interval.</summary>
    public IMetric Succeeded => Executions("ExecutionsSucceeded", Interval);

    /// <summary>Seconds from a change's commit at the source to its commit in analytics.</summary>
    public IMetric Lag => Function(MetricNames.LagSeconds, Stats.MAXIMUM, Interval);

    /// <summary>Rows that the target refused.</summary>
    public IMetric Quarantined => Function(MetricNames.RowsQuarantined, Stats.SUM, FiveMinutes);

    /// <summary>Files that could not be read.</summary>
    public IMetric Rejected => Function(MetricNames.FilesRejected, Stats.SUM, FiveMinutes);

    /// <summary>1 when all tables that were compared in an interval, or some of them, differed.</summary>
    public IMetric Mismatch => Function(MetricNames.ValidationMismatch, Stats.MAXIMUM, Interval);

    /// <summary>Starts that could not be delivered.</summary>
    public IMetric Undelivered => new Metric(new MetricProps
    {
        Namespace = "AWS/SQS",
        MetricName = "ApproximateNumberOfMessagesVisible",
        DimensionsMap = new Dictionary<string, string> { ["QueueName"] = BatchNames.Undelivered(stack.Settings) },
        Statistic = Stats.MAXIMUM,
        Period = FiveMinutes,
    });

    /// <summary>What became of the rows.</summary>
    public IMetric[] Rows =>
    [
        .. ((string[])[MetricNames.RowsInserted, MetricNames.RowsUpdated, MetricNames.RowsDeleted, MetricNames.RowsSuperseded, MetricNames.RowsStale])
            .Select(name => Function(name, Stats.SUM, FiveMinutes)),
    ];

    /// <summary>Rows merged a second.</summary>
    public IMetric Speed => Function(MetricNames.RowsPerSecond, Stats.AVERAGE, FiveMinutes);

    private Metric Executions(string name, Duration period) => new(new MetricProps
    {
        Namespace = "AWS/States",
        MetricName = name,
        DimensionsMap = new Dictionary<string, string>
        {
            ["StateMachineArn"] = $"arn:{stack.Partition}:states:{stack.Region}:{stack.Account}:stateMachine:{BatchNames.Workflow(stack.Settings)}",
        },
        Statistic = Stats.SUM,
        Period = period,
    });

    private Metric Function(string name, string statistic, Duration period) => new(new MetricProps
    {
        Namespace = MetricNames.Namespace,
        MetricName = name,
        DimensionsMap = new Dictionary<string, string> { [MetricNames.EnvironmentDimension] = stack.Settings.Name },
        Statistic = statistic,
        Period = period,
    });
}
