using Amazon.CDK.AWS.Events;
using Amazon.CDK.AWS.Events.Targets;
using Amazon.CDK.AWS.SNS;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Notices;
using Constructs;

namespace CdcDms.Infra.Monitoring;

/// <summary>What the rules for the replication's events need.</summary>
internal sealed record ReplicationEventsProps
{
    public required DeploymentEnvironment Environment { get; init; }

    /// <summary>Where the events go.</summary>
    public required AlarmTopics Topics { get; init; }
}

/// <summary>
/// What DMS says only by events (docs/dms-contract.md#events) of the task and its instance, or of the serverless replication: bad news at
/// once, other news as warnings. That it has stopped is a warning with DMS's own words, and an alarm by the rule's metric, which a
/// deployment suppresses.
/// </summary>
internal sealed class ReplicationEvents : Construct
{
    private const string Category = "category";
    private const string EventType = "eventType";

    private readonly ReplicationEventsProps _props;
    private readonly string _identifier;

    public ReplicationEvents(Construct scope, string id, ReplicationEventsProps props)
        : base(scope, id)
    {
        _props = props;
        _identifier = new ReplicationNames(props.Environment).Replication;

        // A task that runs out of memory fails and does not stop.
        Add(
            new News("BadNews", "The replication failed, was deleted or is about to stop", Severity.Critical),
            Is(Category, "Failure", "LowStorage", "Deletion"),
            Is(EventType, Ends("_FAILED"), "READING_PAUSED_SWAP_FILES_LIMIT_REACHED"));
        Add(
            new News(
                "Stopped",
                "The replication stopped",
                Severity.Warning,
                MonitoringNames.StoppedRule(props.Environment),
                "A deployment stops the replication for some minutes; the dashboard shows whether one is under way. "),
            Is(EventType, Ends("_STOPPED")));
        Add(
            new News("News", "The replication's instance failed over or is maintained", Severity.Warning),
            Is(Category, "Failover", "Maintenance"));
    }

    private static Dictionary<string, object> Is(string field, params object[] values) => new() { [field] = values };

    private static Dictionary<string, object> Ends(string suffix) => new() { ["suffix"] = suffix };

    private string[] Resources() => _props.Environment.Replication.Compute is ServerlessCompute
        ? [Arns.Dms(this, "replication-config", _identifier)]
        : [Arns.Dms(this, "task", _identifier), Arns.Dms(this, "rep", _identifier)];

    private void Add(News news, params Dictionary<string, object>[] either) =>
        _ = new Rule(this, news.Id, new RuleProps
        {
            RuleName = news.RuleName,
            Description = news.What,
            EventPattern = new EventPattern
            {
                Source = ["aws.dms"],
                Resources = Resources(),
                Detail = new Dictionary<string, object> { ["$or"] = either },
            },
            Targets = [.. _props.Topics.Notices.Of(news.Severity).Select(topic => Tell(topic, news))],
        });

    private SnsTopic Tell(ITopic topic, News news)
    {
        var (type, message) = (EventField.FromPath("$.detail.eventType"), EventField.FromPath("$.detail.detailMessage"));
        return new SnsTopic(topic, new SnsTopicProps
        {
            DeadLetterQueue = _props.Topics.Undelivered,
            Message = RuleTargetInput.FromText(
                $"[{news.Severity.Word()}] {_identifier}: {type}: {message} {news.Excuse}"
                + new MessageLinks(_props.Environment).DashboardAndRunbook("replication-stopped")),
        });
    }

    // Excuse: what may have caused it on purpose, as a sentence with a space after it.
    private sealed record News(string Id, string What, Severity Severity, string? RuleName = null, string Excuse = "");
}
