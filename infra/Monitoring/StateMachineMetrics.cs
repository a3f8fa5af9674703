using Amazon.CDK;
using Amazon.CDK.AWS.CloudWatch;

namespace CdcDms.Infra.Monitoring;

/// <summary>A way in which an execution ends without success.</summary>
/// <param name="Id">The metric's name in an expression.</param>
/// <param name="Metric">The metric of Step Functions that counts such ends.</param>
internal sealed record UnhappyEnd(string Id, string Metric)
{
    public static UnhappyEnd Failed { get; } = new("failed", "ExecutionsFailed");

    public static UnhappyEnd Late { get; } = new("late", "ExecutionsTimedOut");

    public static UnhappyEnd Aborted { get; } = new("aborted", "ExecutionsAborted");
}

/// <summary>The metrics that Step Functions keeps of a state machine.</summary>
/// <param name="arn">The state machine.</param>
internal sealed class StateMachineMetrics(string arn)
{
    private static readonly Duration FiveMinutes = Duration.Minutes(5);

    /// <summary>Executions that succeeded.</summary>
    public IMetric Succeeded(Duration period) => Count("ExecutionsSucceeded", period);

    /// <summary>Executions that ended in one of these ways within five minutes.</summary>
    public IMetric Ended(string label, params UnhappyEnd[] ends) => new MathExpression(new MathExpressionProps
    {
        // What has not happened has no value, and neither has a sum with it.
        Expression = string.Join(" + ", ends.Select(end => $"FILL({end.Id}, 0)")),
        Label = label,
        Period = FiveMinutes,
        UsingMetrics = ends.ToDictionary(end => end.Id, IMetric (end) => Count(end.Metric, FiveMinutes)),
    });

    private Metric Count(string name, Duration period) => new(new MetricProps
    {
        Namespace = "AWS/States",
        MetricName = name,
        DimensionsMap = new Dictionary<string, string> { ["StateMachineArn"] = arn },
        Statistic = Stats.SUM,
        Period = period,
    });
}
