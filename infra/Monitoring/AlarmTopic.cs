using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.SNS;
using Amazon.CDK.AWS.SNS.Subscriptions;
using Amazon.CDK.AWS.SQS;
using Constructs;

namespace CdcDms.Infra.Monitoring;

/// <summary>What a topic for alarms needs.</summary>
internal sealed record AlarmTopicProps
{
    /// <summary>Name of the environment that people read in a message.</summary>
    public required string EnvironmentName { get; init; }

    /// <summary>E-mail addresses of the people who are told.</summary>
    public required IReadOnlyList<string> Addresses { get; init; }
}

/// <summary>Where alarms and events go, and a queue for events that could not be delivered.</summary>
internal sealed class AlarmTopic : Construct
{
    private const string CloudWatch = "cloudwatch.amazonaws.com";
    private const string EventBridge = "events.amazonaws.com";
    private const string Budgets = "budgets.amazonaws.com";

    public AlarmTopic(Construct scope, string id, AlarmTopicProps props)
        : base(scope, id)
    {
        Key = new Key(this, "Key", new KeyProps
        {
            Description = $"CdcDms {props.EnvironmentName}: alarms",
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
        Topic = new Topic(this, "Topic", new TopicProps
        {
            DisplayName = $"CdcDms {props.EnvironmentName}",
            MasterKey = Key,
            EnforceSSL = true,
        });
        Topic.AddToResourcePolicy(MayPublish("CloudWatchAlarms", CloudWatch));
        foreach (var address in props.Addresses)
            Topic.AddSubscription(new EmailSubscription(address));
        Undelivered = new Queue(this, "Undelivered", new QueueProps
        {
            Encryption = QueueEncryption.SQS_MANAGED,
            EnforceSSL = true,
            RetentionPeriod = Duration.Days(14),
        });
    }

    public Topic Topic { get; }

    public Key Key { get; }

    public Queue Undelivered { get; }

    /// <summary>
    /// Lets budgets of this account tell people (AWS Cost Management user guide, "Creating an Amazon SNS topic for budget notifications").
    /// </summary>
    public void AdmitBudgets()
    {
        Topic.AddToResourcePolicy(MayPublish("Budgets", Budgets));
        Key.AddToResourcePolicy(new PolicyStatement(new PolicyStatementProps
        {
            Principals = [new ServicePrincipal(Budgets)],
            Actions = ["kms:Decrypt", "kms:GenerateDataKey"],
            Resources = ["*"],
            Conditions = ForThisAccount(),
        }));
    }

    private PolicyStatement MayPublish(string sid, string service) => new(new PolicyStatementProps
    {
        Sid = sid,
        Principals = [new ServicePrincipal(service)],
        Actions = ["sns:Publish"],
        Resources = [Topic.TopicArn],
        Conditions = ForThisAccount(),
    });

    private Dictionary<string, object> ForThisAccount() => new()
    {
        ["StringEquals"] = new Dictionary<string, object> { ["aws:SourceAccount"] = Stack.Of(this).Account },
    };
}
