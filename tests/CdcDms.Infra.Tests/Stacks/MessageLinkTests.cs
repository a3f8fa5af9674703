using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CdcDms.Infra.Notices;
using CdcDms.Infra.Templates;
using CdcDms.Infra.Tests.Environments;
using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Stacks;

/// <summary>Where the reader of a message can go on.</summary>
public partial class MessageLinkTests
{
    private const string Page = "https://wiki.example.com/cdcdms/runbook";

    // Amazon CloudWatch API reference, PutMetricAlarm: AlarmDescription.
    private const int LongestDescription = 1024;

    private static readonly Lazy<SynthesizedEnvironment> Wiki =
        new(() => SynthesizedEnvironment.Of(new EnvironmentJson("prod").With("alarms.runbookUrl", Page)));

    [Fact]
    public void An_alarm_leads_to_the_dashboard_and_to_its_section_of_the_users_own_runbook() => Assert.All(
        Described(Wiki.Value),
        alarm =>
        {
            var description = alarm.Text("AlarmDescription");
            Assert.EndsWith(
                "https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#dashboards/dashboard/cdcdms-prod "
                + $"Runbook: {Page}#{Section(alarm)}",
                description,
                StringComparison.Ordinal);
            Assert.InRange(description.Length, 1, LongestDescription);
        });

    [Fact]
    public void A_message_of_a_workflow_leads_to_its_execution_the_logs_the_dashboard_and_the_runbook()
    {
        var machines = Wiki.Value.AllResources().Where(resource => resource.Type == "AWS::StepFunctions::StateMachine")
            .Select(Definition).ToList();
        var messages = machines.SelectMany(definition => Messages().Matches(definition)).Select(match => match.Value).ToList();

        Assert.Equal(machines.Sum(definition => Regex.Count(definition, ":states:::sns:publish")), messages.Count);
        Assert.All(messages, message =>
        {
            Assert.Contains("Execution: https://eu-central-1.console.aws.amazon.com/states/home?", message, StringComparison.Ordinal);
            Assert.Contains("#/v2/executions/details/{}", message, StringComparison.Ordinal);
            Assert.Contains("#logsV2:log-groups$3FlogGroupNameFilter$3Dcdcdms-prod Dashboard: ", message, StringComparison.Ordinal);
            Assert.Matches($"Runbook: {Page}(#[a-z-]+)?', ", message);
            Assert.EndsWith("$$.Execution.Id)", message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void The_daily_message_is_made_with_the_users_own_runbook()
    {
        var states = BatchTests.Definition(Wiki.Value.AllResources().Single(machine => machine.Type == "AWS::StepFunctions::StateMachine"
            && machine.Text("StateMachineName") == "cdcdms-prod-health"))["States"]!;

        Assert.Equal(Page, states["Start"]!["Parameters"]!["runbook"]!.GetValue<string>());
        Assert.Equal("$.runbook", states["Look"]!["Parameters"]!["Payload"]!["runbook.$"]!.GetValue<string>());
    }

    [Theory]
    [MemberData(nameof(SynthesizedEnvironment.Names), MemberType = typeof(SynthesizedEnvironment))]
    public void Every_section_that_a_message_names_is_in_the_runbook(string name)
    {
        var runbook = Repository.Read("docs", "runbook.md");
        var named = SynthesizedEnvironment.Of(name).Templates.Values
            .SelectMany(template => Regex.Matches(template.ToJsonString(), "runbook\\.md#(?<section>[a-z-]+)"))
            .Select(match => match.Groups["section"].Value).ToHashSet();

        Assert.Superset(
            new HashSet<string> { "batch-failed", "not-proven", "markers-not-merged", "reload-failed", "source-latency" }, named);
        Assert.All(named, section => Assert.Contains($"\n## {section}\n", runbook, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("restart")]
    [InlineData("resume-after-rollback")]
    public void A_replication_that_stands_still_leads_to_the_runbook_that_the_environment_names(string machine)
    {
        var definition = Definition(Wiki.Value.AllResources().Single(one => one.Type == "AWS::StepFunctions::StateMachine"
            && one.Text("StateMachineName") == $"cdcdms-prod-{machine}"));

        Assert.Contains($"see its log and {Page}#replication-stopped.", definition, StringComparison.Ordinal);
        Assert.DoesNotContain("docs/runbook", definition, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_news_that_a_deployment_causes_is_excused_by_it()
    {
        var rules = Wiki.Value.Stack("operations").OfType("AWS::Events::Rule");

        Assert.Equal(3, rules.Count);
        Assert.All(rules, rule =>
        {
            var targets = rule.Text("Targets");
            Assert.Contains($"Runbook: {Page}#replication-stopped", targets, StringComparison.Ordinal);
            Assert.Equal(
                rule.Text("Name") == "cdcdms-prod-replication-stopped",
                targets.Contains("A deployment stops the replication", StringComparison.Ordinal));
        });
    }

    [Theory]
    [InlineData(null, null, "docs/runbook.md#cpu")]
    [InlineData("octo-org/pipeline", null, "https://github.com/octo-org/pipeline/blob/HEAD/docs/runbook.md#cpu")]
    [InlineData("octo-org/pipeline", Page, Page + "#cpu")]
    public void The_runbook_is_the_one_that_the_file_names_or_that_of_its_repository(string? repository, string? page, string expected)
    {
        var json = new EnvironmentJson("prod");
        if (repository is not null)
            json = json.With("governance.github.repository", repository);
        if (page is not null)
            json = json.With("alarms.runbookUrl", page);

        Assert.Equal(expected, new MessageLinks(json.Read()).Runbook("cpu"));
    }

    [Theory]
    [InlineData("cn-north-1", "https://cn-north-1.console.amazonaws.cn/")]
    [InlineData("us-gov-west-1", "https://us-gov-west-1.console.amazonaws-us-gov.com/")]
    [InlineData("us-east-1", "https://us-east-1.console.aws.amazon.com/")]
    public void Links_lead_to_the_console_of_the_regions_partition(string region, string console)
    {
        var links = new MessageLinks(new EnvironmentJson("prod").Read() with { Region = region });

        Assert.All(
            [links.Dashboard, links.Logs, links.Execution("arn")],
            link => Assert.StartsWith(console, link, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"States\.Format\('\{\} Stacks: replication \{\}, batch \{\}\. Execution: .+?\$\$\.Execution\.Id\)")]
    private static partial Regex Messages();

    private static IEnumerable<TemplateResource> Described(SynthesizedEnvironment environment) =>
        environment.Stack("operations").All.Where(alarm => alarm.Type.StartsWith("AWS::CloudWatch", StringComparison.Ordinal)
            && alarm.Text("AlarmDescription").StartsWith('['));

    private static string Definition(TemplateResource machine) => string.Concat(
        machine["DefinitionString"]!["Fn::Join"]![1]!.AsArray().Select(part => part is JsonValue ? part.GetValue<string>() : "token"));

    private static string Section(TemplateResource alarm) =>
        Regex.Match(alarm.Text("AlarmName"), "^cdcdms-prod-(.+)-(critical|warning)(-measured)?$").Groups[1].Value;
}
