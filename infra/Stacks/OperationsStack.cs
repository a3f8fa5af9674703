using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.SNS;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Monitoring;
using Constructs;

namespace CdcDms.Infra.Stacks;

/// <summary>What tells people that something is wrong. It knows replication and workflow by their fixed names and hangs on no other stack.</summary>
public sealed class OperationsStack : EnvironmentStack
{
    /// <summary>Makes the stack.</summary>
    public OperationsStack(Construct scope, DeploymentEnvironment environment, string? sourceRdsInstanceId)
        : base(scope, "operations", environment, "CdcDms: alarms and dashboard")
    {
        var topic = new AlarmTopic(this);
        (Topic, TopicKey) = (topic.Topic, topic.Key);
        var metrics = new ReplicationMetrics(environment);
        var batch = new BatchMetrics(this);
        var alarms = AlarmBoard.Create(this, topic, [.. ReplicationAlarms.Of(environment, metrics, sourceRdsInstanceId), .. BatchAlarms.Of(environment, batch), .. DeliveryAlarms.Of(this, topic)]);
        ReplicationEvents.Watch(this, topic);
        ReplicationDashboard.Create(this, metrics, batch, alarms, sourceRdsInstanceId);
        Offer(topic.Topic.TopicArn, topic.Key.KeyArn);
    }

    /// <summary>Where people are told.</summary>
    public Topic Topic { get; }

    /// <summary>Encrypts what they are told; who publishes must be allowed to use it.</summary>
    public Key TopicKey { get; }
}
