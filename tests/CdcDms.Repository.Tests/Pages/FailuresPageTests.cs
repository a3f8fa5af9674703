using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CdcDms.Rules.Pages;

/// <summary>
/// The page of failures and the runbook have each alarm as the snapshots of the templates have it: its severity, the words of its message
/// and when it is quiet.
/// </summary>
public partial class FailuresPageTests
{
    private static readonly string Page = ReadHouse.Tree.Read("docs/failures.md");

    private static readonly Dictionary<string, Told> Alarms = ReadHouse.Tree.WithExtension(".json")
        .Where(path => Regex.IsMatch(path, "^tests/CdcDms.Infra.Tests/Snapshots/.+-operations.json$"))
        .SelectMany(path => JsonNode.Parse(ReadHouse.Tree.Read(path))!["Resources"]!.AsObject())
        .Select(resource => resource.Value!["Properties"]!.AsObject())
        .Where(properties => properties.ContainsKey("AlarmActions"))
        .Select(Told.Of)
        .DistinctBy(told => told.Name)
        .ToDictionary(told => told.Name);

    [Fact]
    public void Every_alarm_is_on_the_page_with_its_severity_its_words_and_when_it_is_quiet()
    {
        var rows = Row().Matches(Page)
            .Select(row => new Told(Text(row, "name"), Text(row, "severity"), Text(row, "words"), Text(row, "quiet"))).ToHashSet();

        Assert.Contains("storage", Alarms.Keys);
        Faults.AssertNone(Alarms.Values.Where(told => !rows.Contains(told)).Select(told => $"The page has no {told}."));
        Faults.AssertNone(rows.Where(row => !Alarms.ContainsKey(row.Name)).Select(row => $"There is no alarm {row.Name}."));
    }

    [Fact]
    public void Every_failure_says_how_soon_somebody_must_look()
    {
        var named = Failure().Matches(Page).SelectMany(row => Link().Matches(Text(row, "rings"))).ToList();

        Assert.NotEmpty(named);
        Faults.AssertNone(
            from link in named
            let severity = Text(link, "severity")
            where severity.Length == 0 || (Alarms.TryGetValue(Text(link, "name"), out var told) && told.Severity != severity)
            select $"{link.Value} is not the severity of {Text(link, "name")}");
    }

    [Fact]
    public void The_runbook_quotes_the_words_of_every_alarm()
    {
        var runbook = ReadHouse.Tree.Read("docs/runbook.md");

        Faults.AssertNone(Alarms.Values
            .Where(told => !runbook.Contains($"\n## {told.Name}\n\n**Symptom.** \"{told.Words}\"", StringComparison.Ordinal))
            .Select(told => $"The section {told.Name} does not begin with: {told.Words}"));
    }

    private static string Text(Match match, string group) => match.Groups[group].Value;

    [GeneratedRegex(
        @"^\| \[(?<name>[a-z-]+)\]\(runbook\.md#\k<name>\) \| (?<severity>\w+) \| ""(?<words>[^""]+)"" \| (?<quiet>[^|]+) \|$",
        RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"^\| \w+ \| [^|]+ \| (?<rings>[^|]*runbook\.md[^|]*) \|", RegexOptions.Multiline)]
    private static partial Regex Failure();

    [GeneratedRegex(@"\]\(runbook\.md#(?<name>[a-z-]+)\)( \((?<severity>critical|warning)\))?")]
    private static partial Regex Link();

    /// <summary>What people hear of an alarm.</summary>
    private sealed record Told(string Name, string Severity, string Words, string Quiet)
    {
        /// <summary>An alarm that has actions, of a template.</summary>
        public static Told Of(JsonObject properties)
        {
            var name = Regex.Match($"{properties["AlarmName"]}", "^cdcdms-[a-z]+-(?<name>.+)-(critical|warning)$");
            var description = Regex.Match($"{properties["AlarmDescription"]}", @"^\[(?<severity>\w+)\] (?<words>.+) Dashboard: ");
            var quiet = properties["ActionsSuppressor"]?.ToJsonString() ?? "";
            return new Told(
                Text(name, "name"), Text(description, "severity"), Text(description, "words"),
                quiet.Length == 0 ? "–" : quiet.Contains("UnderWay", StringComparison.Ordinal) ? "a deployment or a load" : "a deployment");
        }
    }
}
