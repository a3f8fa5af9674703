using Amazon.CDK;
using Amazon.CDK.AWS.StepFunctions;
using Amazon.CDK.AWS.StepFunctions.Tasks;
using CdcDms.Contract;
using Constructs;
using Timeout = Amazon.CDK.AWS.StepFunctions.Timeout;

namespace CdcDms.Infra.StateMachines;

/// <summary>Counts one of something in a metric of an environment, by which an alarm learns of it.</summary>
internal sealed class PutMetric : CallAwsService
{
    private static readonly Duration LongestCall = Duration.Minutes(1);

    /// <param name="scope">The construct to which the state belongs.</param>
    /// <param name="id">Name of the state.</param>
    /// <param name="metric">The metric's name.</param>
    /// <param name="environment">The environment's name.</param>
    public PutMetric(Construct scope, string id, string metric, string environment)
        : base(scope, id, new CallAwsServiceProps
        {
            Service = "cloudwatch",
            Action = "putMetricData",
            IamAction = "cloudwatch:PutMetricData",
            // It knows no resource (AWS: Actions, resources, and condition keys for Amazon CloudWatch).
            IamResources = ["*"],
            Parameters = new Dictionary<string, object>
            {
                ["Namespace"] = MetricNames.Namespace,
                ["MetricData"] = new[]
                {
                    new Dictionary<string, object>
                    {
                        ["MetricName"] = metric,
                        ["Dimensions"] = new[]
                        {
                            new Dictionary<string, object> { ["Name"] = MetricNames.EnvironmentDimension, ["Value"] = environment },
                        },
                        ["Value"] = 1,
                        ["Unit"] = "Count",
                    },
                },
            },
            ResultPath = JsonPath.DISCARD,
            TaskTimeout = Timeout.Duration(LongestCall),
        }) => AddRetry(new RetryProps { Interval = Duration.Seconds(2), MaxAttempts = 3 });
}
