using System.Text.Json.Nodes;
using CdcDms.Infra.Templates;
using CdcDms.Infra.Tests.Environments;
using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Stacks;

/// <summary>Who is told what.</summary>
public class NoticeTests
{
    private const string Oncall = "arn:aws:sns:eu-central-1:444455556666:oncall";

    public static TheoryData<string> Names => SynthesizedEnvironment.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void An_alarm_tells_the_topic_of_its_severity_when_it_rings_and_when_it_has_stopped(string name)
    {
        var operations = SynthesizedEnvironment.Of(name).Stack("operations");

        Assert.All(
            Telling(operations),
            alarm =>
            {
                var topic = TopicOf(operations, alarm.Text("AlarmName").Split('-')[^1]);
                Assert.Equal($$"""[{"Ref":"{{topic}}"}]""", alarm.Text("AlarmActions"));
                Assert.Equal(alarm.Text("AlarmActions"), alarm.Text("OKActions"));
            });
    }

    [Theory]
    [InlineData("critical")]
    [InlineData("warning")]
    public void Addresses_and_endpoints_are_subscribed_to_the_topic_of_their_severity(string severity)
    {
        var operations = SynthesizedEnvironment.Of(new EnvironmentJson("sandbox")
            .With($"alarms.{severity}", new[] { "me@example.com", "https://example.com/hook" })).Stack("operations");

        Assert.Equal(
            [$"email me@example.com {TopicOf(operations, severity)}", $"https https://example.com/hook {TopicOf(operations, severity)}"],
            operations.OfType("AWS::SNS::Subscription").Select(subscription =>
                $"{subscription.Text("Protocol")} {subscription.Text("Endpoint")} {subscription["TopicArn"]!["Ref"]}").Order());
    }

    [Fact]
    public void A_topic_of_the_users_own_is_told_by_alarms_events_and_workflows_of_its_severity()
    {
        var environment = SynthesizedEnvironment.Of(new EnvironmentJson("prod").With("alarms.critical", new[] { Oncall }));
        var operations = environment.Stack("operations");

        Assert.All(
            Telling(operations),
            alarm => Assert.Equal(
                alarm.Text("AlarmName").EndsWith("critical", StringComparison.Ordinal),
                alarm.Text("AlarmActions").Contains(Oncall, StringComparison.Ordinal)));
        Assert.All(operations.OfType("AWS::Events::Rule"), rule => Assert.Equal(
            rule.Text("Targets").Contains("[critical]", StringComparison.Ordinal),
            rule.Text("Targets").Contains($"\"{Oncall}\"", StringComparison.Ordinal)));
        Assert.Equal(
            ["cdcdms-prod-batch"],
            environment.Stack("batch").OfType("AWS::StepFunctions::StateMachine")
                .Where(machine => machine.Text("DefinitionString").Contains(Oncall, StringComparison.Ordinal))
                .Select(machine => machine.Text("StateMachineName")));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Who_publishes_may_use_the_topics_and_their_key(string name)
    {
        var operations = SynthesizedEnvironment.Of(name).Stack("operations");

        Assert.Contains("cloudwatch.amazonaws.com", operations.One("AWS::KMS::Key").Text("KeyPolicy"), StringComparison.Ordinal);
        Assert.Contains("events.amazonaws.com", operations.One("AWS::KMS::Key").Text("KeyPolicy"), StringComparison.Ordinal);
        Assert.All(operations.OfType("AWS::SNS::TopicPolicy"), policy => Assert.Contains(
            "cloudwatch.amazonaws.com", policy.Text("PolicyDocument"), StringComparison.Ordinal));
        Assert.Contains(
            "events.amazonaws.com",
            Assert.Single(operations.OfType("AWS::SNS::TopicPolicy"), IsOf(TopicOf(operations, "critical"))).Text("PolicyDocument"),
            StringComparison.Ordinal);
    }

    // Every alarm but those that others rest on.
    private static IEnumerable<TemplateResource> Telling(TemplateResources operations)
    {
        var alarms = operations.All.Where(alarm => alarm.Type.EndsWith("Alarm", StringComparison.Ordinal)).ToList();
        var named = alarms.Where(alarm => alarm.Text("AlarmDescription").StartsWith('[')
            && !alarm.Text("AlarmName").EndsWith("-measured", StringComparison.Ordinal)).ToList();
        Assert.All(alarms.Except(named), alarm => Assert.Null(alarm["AlarmActions"]));
        return named;
    }

    private static Predicate<TemplateResource> IsOf(string topic) =>
        policy => JsonNode.DeepEquals(policy["Topics"], new JsonArray(new JsonObject { ["Ref"] = topic }));

    private static string TopicOf(TemplateResources operations, string severity) => Assert.Single(
        operations.OfType("AWS::SNS::Topic"),
        topic => topic.Text("DisplayName").EndsWith("warnings", StringComparison.Ordinal) == (severity == "warning")).Id;
}
