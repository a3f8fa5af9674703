using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.SNS;
using Amazon.CDK.AWS.SNS.Subscriptions;
using Amazon.CDK.AWS.SQS;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Notices;
using Constructs;

namespace CdcDms.Infra.Monitoring;

/// <summary>
/// Where alarms and events go, a topic for each severity, and a queue for events that could not be delivered. E-mail addresses and
/// endpoints are subscribed to these topics; a topic that the environment file names gets each message from its sender.
/// </summary>
internal sealed class AlarmTopics : Construct
{
    private const string CloudWatch = "cloudwatch.amazonaws.com";
    private const string EventBridge = "events.amazonaws.com";
    private const string Budgets = "budgets.amazonaws.com";

    private readonly AlarmDestinations _warned;

    public AlarmTopics(Construct scope, string id, DeploymentEnvironment environment)
        : base(scope, id)
    {
        Key = new Key(this, "Key", new KeyProps
        {
            Description = $"CdcDms {environment.Name}: alarms",
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
        Critical = OwnTopic("Topic", $"CdcDms {environment.Name}", environment.Alarms.Critical);
        Warning = OwnTopic("Warnings", $"CdcDms {environment.Name}: warnings", environment.Alarms.Warning);
        _warned = environment.Alarms.Warning;
        Notices = new NoticeTopics
        {
            Critical = [Critical, .. Named("CriticalTopic", environment.Alarms.Critical)],
            Warning = [Warning, .. Named("WarningTopic", environment.Alarms.Warning)],
            Key = Key,
        };
        Undelivered = new Queue(this, "Undelivered", new QueueProps
        {
            Encryption = QueueEncryption.SQS_MANAGED,
            EnforceSSL = true,
            RetentionPeriod = Duration.Days(14),
        });
    }

    /// <summary>The environment's own topic of critical messages.</summary>
    public Topic Critical { get; }

    /// <summary>The environment's own topic of warnings.</summary>
    public Topic Warning { get; }

    public Key Key { get; }

    /// <summary>Every topic, by severity.</summary>
    public NoticeTopics Notices { get; }

    public Queue Undelivered { get; }

    /// <summary>
    /// Lets budgets of this account tell people (AWS Cost Management user guide, "Creating an Amazon SNS topic for budget notifications").
    /// </summary>
    /// <returns>
    /// The one topic that a budget tells: the environment's own of warnings, or the first that the file names where nobody is subscribed to
    /// that.
    /// </returns>
    public string AdmitBudgets()
    {
        if (_warned is { Emails.Count: 0, Endpoints.Count: 0, TopicArns: [var first, ..] })
            return first;
        Warning.AddToResourcePolicy(MayPublish(Warning, "Budgets", Budgets));
        Key.AddToResourcePolicy(new PolicyStatement(new PolicyStatementProps
        {
            Principals = [new ServicePrincipal(Budgets)],
            Actions = ["kms:Decrypt", "kms:GenerateDataKey"],
            Resources = ["*"],
            Conditions = ForThisAccount(),
        }));
        return Warning.TopicArn;
    }

    private Topic OwnTopic(string id, string name, AlarmDestinations told)
    {
        var topic = new Topic(this, id, new TopicProps { DisplayName = name, MasterKey = Key, EnforceSSL = true });
        topic.AddToResourcePolicy(MayPublish(topic, "CloudWatchAlarms", CloudWatch));
        foreach (var address in told.Emails)
            topic.AddSubscription(new EmailSubscription(address));
        foreach (var endpoint in told.Endpoints)
            topic.AddSubscription(new UrlSubscription(endpoint, new UrlSubscriptionProps { Protocol = SubscriptionProtocol.HTTPS }));
        return topic;
    }

    private IEnumerable<ITopic> Named(string id, AlarmDestinations told) =>
        told.TopicArns.Select((arn, index) => Topic.FromTopicArn(this, $"{id}{index}", arn));

    private PolicyStatement MayPublish(Topic topic, string sid, string service) => new(new PolicyStatementProps
    {
        Sid = sid,
        Principals = [new ServicePrincipal(service)],
        Actions = ["sns:Publish"],
        Resources = [topic.TopicArn],
        Conditions = ForThisAccount(),
    });

    private Dictionary<string, object> ForThisAccount() => new()
    {
        ["StringEquals"] = new Dictionary<string, object> { ["aws:SourceAccount"] = Stack.Of(this).Account },
    };
}
