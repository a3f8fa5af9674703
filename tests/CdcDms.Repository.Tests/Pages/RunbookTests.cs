using System.Text.RegularExpressions;
using CdcDms.Contract.Functions;

namespace CdcDms.Rules.Pages;

/// <summary>
/// The runbook is read at night: each section has the same parts in one order, and no command of it is one that nothing checks. Those with
/// <c>--env</c> are parsed by the real command line (<see cref="CommandTests"/>), and run over servers of a test's own where they can be
/// (<c>RunbookCommandTests</c>).
/// </summary>
public partial class RunbookTests
{
    private static readonly string[] Parts = ["Symptom", "Meaning", "Look", "Cure", "Cured"];
    private static readonly string Page = ReadHouse.Tree.Read("docs/runbook.md");

    private static MarkdownPage Runbook => MarkdownPage.All.Single(page => page.Path == "docs/runbook.md");

    [Fact]
    public void Every_section_says_symptom_meaning_look_cure_and_cured()
    {
        var sections = Sections();

        Assert.True(sections.Count > 40, $"Only {sections.Count} sections were read.");
        Faults.AssertNone(
            from section in sections
            let parts = Part().Matches(section.Value).Select(match => match.Groups["part"].Value).ToList()
            where !parts.SequenceEqual(Parts)
            select $"{section.Key} has {string.Join(", ", parts)}");
    }

    [Fact]
    public void The_words_are_those_of_the_architecture()
    {
        var (here, there) = (Words(Page), Words(ReadHouse.Tree.Read("docs/architecture.md")));

        Assert.Contains("parked", here.Keys);
        Faults.AssertNone(here.Where(word => there.GetValueOrDefault(word.Key) != word.Value)
            .Select(word => $"{word.Key} is {word.Value} in the runbook, and {there.GetValueOrDefault(word.Key)} in the architecture."));
    }

    [Fact]
    public void Every_finding_of_health_checks_and_every_message_has_its_section()
    {
        var named = ReadHouse.Tree.WithExtension(".cs").Where(path => path.StartsWith("lambdas/", StringComparison.Ordinal)
                || path.StartsWith("infra/", StringComparison.Ordinal))
            .SelectMany(path => Named().Matches(ReadHouse.Tree.Read(path)).Select(match => (Path: path, match.Groups["section"].Value)))
            .ToList();
        var sections = Sections();

        Assert.Contains(named, one => one.Value == "certificate-ends");
        Assert.Contains(named, one => one.Value == "markers-not-merged");
        Faults.AssertNone(named.Where(one => !sections.ContainsKey(one.Value)).Select(one => $"{one.Path} names {one.Value}"));
    }

    [Fact]
    public void Every_aws_command_is_known_and_the_operators_policy_allows_it()
    {
        var (commands, allowed) = (AwsCommand.Of(Runbook), OperatorPolicy.Actions());

        Assert.NotEmpty(commands);
        Faults.AssertNone(commands.SelectMany(command => command.Faults()));
        Faults.AssertNone(commands.Where(command => !allowed.Contains(command.Action))
            .Select(command => $"The policy in docs/deploy.md does not allow {command.Action}, which {command.Operation} needs."));
    }

    [Fact]
    public void Every_call_of_a_verb_is_in_the_operators_policy()
    {
        var calls = ReadHouse.Tree.WithExtension(".cs").Where(path => path.StartsWith("local/Remote/", StringComparison.Ordinal))
            .SelectMany(path => Call().Matches(ReadHouse.Tree.Read(path)).Select(match => match.Groups["action"].Value)).ToHashSet();
        var allowed = OperatorPolicy.Actions();

        Assert.Contains("lambda:InvokeFunction", calls);
        Faults.AssertNone(calls.Where(call => !allowed.Contains(call))
            .Select(call => $"The policy in docs/deploy.md does not allow {call}, which a verb calls."));
    }

    [Fact]
    public void The_operators_policy_names_the_function_and_the_state_machines_of_the_verbs()
    {
        string[] machines =
            [WorkflowNames.HealthWorkflow("NAME"), WorkflowNames.ReloadWorkflow("NAME"), WorkflowNames.RestartWorkflow("NAME")];
        var (started, followed) = (OperatorPolicy.Resources("states:StartExecution"), OperatorPolicy.Resources("states:DescribeExecution"));

        Assert.Contains(
            $"arn:aws:lambda:REGION:ACCOUNT:function:{WorkflowNames.OperateFunction("NAME")}",
            OperatorPolicy.Resources("lambda:InvokeFunction"));
        Assert.All(machines, machine => Assert.Contains($"arn:aws:states:REGION:ACCOUNT:stateMachine:{machine}", started));
        Assert.All(machines, machine => Assert.Contains($"arn:aws:states:REGION:ACCOUNT:execution:{machine}:*", followed));
    }

    [Fact]
    public void Every_command_that_reads_a_log_says_since_when()
    {
        var reads = AwsCommand.Of(Runbook).Where(command => command.Operation is "logs tail" or "cloudtrail lookup-events").ToList();

        Assert.NotEmpty(reads);
        Faults.AssertNone(reads.Where(command => !command.Words.Contains("--since") && !command.Words.Contains("--start-time"))
            .Select(command => command.Text));
    }

    [Fact]
    public void Every_command_of_ours_in_a_block_is_for_an_environment_by_its_name()
    {
        var ours = Runbook.Blocks.Where(block => block.IsShell).SelectMany(block => block.Code.Split('\n'))
            .Where(line => line.StartsWith("dotnet ", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(ours);
        Assert.All(ours, line => Assert.Contains(" --env NAME", line, StringComparison.Ordinal));
        Assert.All(Runbook.Blocks.Where(block => block.IsShell), block => Assert.Equal("sh aws", block.Info));
    }

    private static Dictionary<string, string> Sections() => Page.Split("\n## ").Skip(1)
        .ToDictionary(section => section.Split('\n')[0], section => section);

    private static Dictionary<string, string> Words(string page) =>
        Word().Matches(page).ToDictionary(row => row.Groups["word"].Value, row => row.Groups["means"].Value);

    [GeneratedRegex(@"^\| \*\*(?<word>[^*]+)\*\* \| (?<means>.+) \|$", RegexOptions.Multiline)]
    private static partial Regex Word();

    [GeneratedRegex(@"""(?<action>(lambda|states):[A-Z]\w+)""")]
    private static partial Regex Call();

    [GeneratedRegex(@"^\*\*(?<part>[A-Z][a-z]+)\.\*\*", RegexOptions.Multiline)]
    private static partial Regex Part();

    [GeneratedRegex(
        @"docs/runbook\.md#(?<section>[a-z-]+)|(Warning|Critical)\(\s*""(?<section>[a-z]+(-[a-z]+)+)""|Runbook = ""(?<section>[a-z-]+)""")]
    private static partial Regex Named();
}
