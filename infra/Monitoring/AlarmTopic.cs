using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.SNS;
using Amazon.CDK.AWS.SNS.Subscriptions;
using Amazon.CDK.AWS.SQS;
using CdcDms.Infra.Stacks;

namespace CdcDms.Infra.Monitoring;

/// <summary>Where alarms and events go, and a queue for events that could not be delivered.</summary>
internal sealed class AlarmTopic
{
    private const string CloudWatch = "cloudwatch.amazonaws.com";
    private const string EventBridge = "events.amazonaws.com";

    public AlarmTopic(OperationsStack stack)
    {
        Key = new Key(stack, "Key", new KeyProps
        {
            Description = $"CdcDms {stack.Settings.Name}: alarms",
            EnableKeyRotation = true,
            RemovalPolicy = RemovalPolicy.DESTROY,
        });

        // What cannot use the key cannot publish, and nobody would notice.
        Key.AddToResourcePolicy(new PolicyStatement(new PolicyStatementProps
        {
            Principals = [new ServicePrincipal(CloudWatch), new ServicePrincipal(EventBridge)],
            Actions = ["kms:Decrypt", "kms:GenerateDataKey"],
            Resources = ["*"],
        }));
        Topic = new Topic(stack, "Alarms", new TopicProps { DisplayName = $"CdcDms {stack.Settings.Name}", MasterKey = Key, EnforceSSL = true });
        Topic.AddToResourcePolicy(new PolicyStatement(new PolicyStatementProps
        {
            Sid = "CloudWatchAlarms",
            Principals = [new ServicePrincipal(CloudWatch)],
            Actions = ["sns:Publish"],
            Resources = [Topic.TopicArn],
            Conditions = new Dictionary<string, object> { ["StringEquals"] = new Dictionary<string, object> { ["aws:SourceAccount"] = stack.Account } },
        }));
        foreach (var address in stack.Settings.Alarms.Addresses)
            Topic.AddSubscription(new EmailSubscription(address));
        Undelivered = new Queue(stack, "Undelivered", new QueueProps
        {
            Encryption = QueueEncryption.SQS_MANAGED,
            EnforceSSL = true,
            RetentionPeriod = Duration.Days(14),
        });
    }

    public Topic Topic { get; }

    public Key Key { get; }

    public Queue Undelivered { get; }
}
