using Amazon.CDK;
using Amazon.CDK.AWS.Logs;
using CdcDms.Contract;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Naming;
using Constructs;

namespace CdcDms.Infra.Replication;

/// <summary>
/// The log group into which DMS writes, made before DMS would make it without an end, what counts its lines of errors, and a saved query
/// that shows them. DMS dictates the name and writes into a group that is there: its role may describe groups, and make one that is missing
/// (AWS managed policy AmazonDMSCloudWatchLogsRole). A new generation writes into a group of its own.
/// </summary>
internal sealed class ReplicationLog : Construct
{
    // DMS user guide, "Logging task settings": I is information, W a warning, E an error. A sample of AWS filters so.
    private const string Error = "]E:";

    public ReplicationLog(Construct scope, string id, DeploymentEnvironment environment, string groupName)
        : base(scope, id)
    {
        var log = new LogGroup(this, "Group", new LogGroupProps
        {
            LogGroupName = groupName,
            Retention = RetentionDays.THREE_MONTHS,
            RemovalPolicy = RemovalPolicy.DESTROY,
        });
        Resource = (CfnLogGroup)log.Node.DefaultChild!;

        // What the generation before wrote says why it was given up. A group that outlived its stack would be in the way of the next one.
        if (environment.KeepData)
            Resource.CfnOptions.UpdateReplacePolicy = CfnDeletionPolicy.RETAIN;
        _ = new MetricFilter(this, "Errors", new MetricFilterProps
        {
            LogGroup = log,
            FilterPattern = FilterPattern.Literal($"\"{Error}\""),
            MetricNamespace = MetricNames.Namespace,
            MetricName = MonitoringNames.ReplicationErrors(environment),
            MetricValue = "1",
        });
        _ = new CfnQueryDefinition(this, "ErrorLines", new CfnQueryDefinitionProps
        {
            Name = MonitoringNames.ErrorLines(environment),
            LogGroupNames = [log.LogGroupName],
            QueryString = $"fields @timestamp, @message | filter @message like '{Error}' | sort @timestamp desc | limit 200",
        });
    }

    /// <summary>What must be there before DMS writes, and until it has written its last line.</summary>
    public CfnLogGroup Resource { get; }
}
