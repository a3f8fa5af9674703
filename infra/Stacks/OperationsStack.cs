using CdcDms.Infra.Environments;
using CdcDms.Infra.Monitoring;
using Constructs;

namespace CdcDms.Infra.Stacks;

/// <summary>What tells people that something is wrong. It knows the replication by its fixed names and hangs on no other stack.</summary>
public sealed class OperationsStack : EnvironmentStack
{
    /// <summary>Makes the stack.</summary>
    public OperationsStack(Construct scope, DeploymentEnvironment environment, string? sourceRdsInstanceId)
        : base(scope, "operations", environment, "CdcDms: alarms and dashboard")
    {
        var topic = new AlarmTopic(this);
        var metrics = new ReplicationMetrics(environment);
        var alarms = AlarmBoard.Create(this, topic, [.. ReplicationAlarms.Of(environment, metrics, sourceRdsInstanceId), .. DeliveryAlarms.Of(this, topic)]);
        ReplicationEvents.Watch(this, topic);
        ReplicationDashboard.Create(this, metrics, alarms, sourceRdsInstanceId);
        Offer(topic.Topic.TopicArn);
    }
}
