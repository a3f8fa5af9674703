using System.Text.Json.Nodes;
using CdcDms.Infra.Templates;
using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Monitoring;

/// <summary>Which events of DMS tell people, and how soon they must look.</summary>
public class ReplicationEventTests
{
    private const string Dev = "arn:aws:dms:eu-central-1:111122223333:";
    private const string Prod = "arn:aws:dms:eu-central-1:444455556666:";

    // AWS DMS User Guide, "AWS DMS event categories and event messages", with the names of the categories and types as events carry them
    // (docs/dms-contract.md#events).
    [Theory]
    [InlineData("rep", "Failure", "REPLICATION_INSTANCE_STORAGE_FAILURE", "critical")]
    [InlineData("rep", "Failure", "REPLICATION_INSTANCE_INCOMPATIBLE_NETWORK", "critical")]
    [InlineData("rep", "Failure", "REPLICATION_INSTANCE_INACCESSIBLE_ENCRYPTION_CREDENTIALS", "critical")]
    [InlineData("rep", "LowStorage", "REPLICATION_INSTANCE_LOW_STORAGE", "critical")]
    [InlineData("rep", "Deletion", "REPLICATION_INSTANCE_DELETED", "critical")]
    [InlineData("rep", "Failover", "FAILOVER_STARTED", "warning")]
    [InlineData("rep", "Failover", "FAILOVER_COMPLETED", "warning")]
    [InlineData("rep", "Maintenance", "OFFLINE_MAINTENANCE_STARTED", "warning")]
    [InlineData("rep", "Creation", "REPLICATION_INSTANCE_CREATED", null)]
    [InlineData("rep", "ConfigurationChange", "REPLICATION_INSTANCE_CLASS_CHANGED", null)]
    [InlineData("task", "Failure", "REPLICATION_TASK_FAILED", "critical")]
    [InlineData("task", "StateChange", "REPLICATION_TASK_FAILED", "critical")]
    [InlineData("task", "StateChange", "READING_PAUSED_SWAP_FILES_LIMIT_REACHED", "critical")]
    [InlineData("task", "Deletion", "REPLICATION_TASK_DELETED", "critical")]
    [InlineData("task", "StateChange", "REPLICATION_TASK_STOPPED", "warning")]
    [InlineData("task", "StateChange", "REPLICATION_TASK_STARTED", null)]
    [InlineData("task", "StateChange", "READING_RESUMED", null)]
    [InlineData("task", "ConfigurationChange", "REPLICATION_TASK_MODIFIED", null)]
    [InlineData("task", "Creation", "REPLICATION_TASK_CREATED", null)]
    public void News_of_a_task_and_its_instance_go_by_how_bad_they_are(string kind, string category, string type, string? severity) =>
        Assert.Equal(severity, Told("prod", Happened($"{Prod}{kind}:cdcdms-prod-g1", category, type)));

    [Theory]
    [InlineData("Failure", "REPLICATION_FAILED", "critical")]
    [InlineData("StateChange", "REPLICATION_FAILED", "critical")]
    [InlineData("Deletion", "REPLICATION_DELETED", "critical")]
    [InlineData("StateChange", "REPLICATION_STOPPED", "warning")]
    [InlineData("StateChange", "REPLICATION_INITIALIZING", null)]
    public void News_of_a_serverless_replication_do_too(string category, string type, string? severity) =>
        Assert.Equal(severity, Told("dev", Happened(Dev + "replication-config:cdcdms-dev-g1", category, type)));

    [Theory]
    [InlineData("task:cdcdms-prod-g2")]
    [InlineData("task:cdcdms-prod-gold-g1")]
    [InlineData("rep:other")]
    public void News_of_others_tell_nobody(string resource) =>
        Assert.Null(Told("prod", Happened(Prod + resource, "Failure", "REPLICATION_TASK_FAILED")));

    [Theory]
    [MemberData(nameof(SynthesizedEnvironment.Names), MemberType = typeof(SynthesizedEnvironment))]
    public void An_event_that_starts_or_tells_something_and_is_not_delivered_is_kept(string name) => Assert.All(
        SynthesizedEnvironment.Of(name).AllResources()
            .Where(rule => rule.Type == "AWS::Events::Rule" && rule["EventPattern"] is not null),
        rule => Assert.All(rule["Targets"]!.AsArray(), target => Assert.NotNull(target!["DeadLetterConfig"]?["Arn"])));

    private static string? Told(string environment, JsonObject happened)
    {
        var operations = SynthesizedEnvironment.Of(environment).Stack("operations");
        var told = operations.OfType("AWS::Events::Rule").Where(rule => EventPatternMatch.Takes(rule["EventPattern"]!, happened));
        return told.Select(rule => IsWarning(operations, rule) ? "warning" : "critical").SingleOrDefault();
    }

    private static bool IsWarning(TemplateResources operations, TemplateResource rule) => Assert.Single(
        operations.OfType("AWS::SNS::Topic"),
        topic => topic.Id == rule["Targets"]![0]!["Arn"]!["Ref"]!.GetValue<string>())
        .Text("DisplayName").EndsWith("warnings", StringComparison.Ordinal);

    private static JsonObject Happened(string resource, string category, string type) => new()
    {
        ["source"] = "aws.dms",
        ["detail-type"] = "DMS Replication Task State Change",
        ["resources"] = new JsonArray(resource),
        ["detail"] = new JsonObject { ["category"] = category, ["eventType"] = type, ["detailMessage"] = "Something has happened." },
    };
}
