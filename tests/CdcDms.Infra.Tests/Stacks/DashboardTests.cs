using System.Text.Json.Nodes;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Templates;
using CdcDms.Infra.Tests.Environments;
using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Stacks;

/// <summary>What an operator sees on one page.</summary>
public class DashboardTests
{
    private static readonly string[] Way =
        ["# cdcdms-prod", "## 1 Source", "## 2 Replication", "## 3 Lake", "## 4 Batch", "## 5 Analytics", "## 6 Watching", "## 7 Cost"];

    public static TheoryData<string> Names => SynthesizedEnvironment.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Everything_that_an_alarm_watches_is_shown(string name)
    {
        var operations = SynthesizedEnvironment.Of(name).Stack("operations");
        var shown = Widgets(operations).SelectMany(widget => Shown(widget["properties"]?["metrics"])).ToHashSet();
        var watched = operations.OfType("AWS::CloudWatch::Alarm").Where(alarm => alarm.Text("AlarmDescription").StartsWith('['))
            .SelectMany(Watched).ToList();

        Assert.NotEmpty(watched);
        Assert.All(watched, metric => Assert.Contains(metric, shown));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_alarm_with_a_value_of_its_own_has_a_line_in_its_graph(string name)
    {
        var operations = SynthesizedEnvironment.Of(name).Stack("operations");
        var lines = Widgets(operations).SelectMany(widget => widget["properties"]?["annotations"]?["horizontal"]?.AsArray() ?? [])
            .Select(line => $"{line!["label"]} {line["value"]}").ToHashSet();

        Assert.All(
            operations.OfType("AWS::CloudWatch::Alarm").Where(alarm => alarm.Text("AlarmDescription").StartsWith('[')
                && alarm.Text("Threshold") != "0"),
            alarm => Assert.Contains($"{alarm.Text("AlarmDescription").Split('#')[^1]} {alarm.Text("Threshold")}", lines));
    }

    [Fact]
    public void The_page_goes_the_way_of_a_change_and_says_of_each_station_what_good_looks_like()
    {
        var texts = Widgets(SynthesizedEnvironment.Of("prod").Stack("operations"))
            .Where(widget => widget["type"]!.GetValue<string>() == "text")
            .Select(widget => widget["properties"]!["markdown"]!.GetValue<string>()).ToList();

        Assert.Equal(Way, texts.Select(text => text.Split('\n')[0]));
        Assert.All(texts, text => Assert.StartsWith("Good: ", text.Split('\n')[1], StringComparison.Ordinal));
    }

    [Fact]
    public void Alarms_planned_work_and_freshness_stand_on_top()
    {
        var top = Widgets(SynthesizedEnvironment.Of("prod").Stack("operations")).Skip(1).Take(3)
            .Select(widget => $"{widget["properties"]!["title"]} {widget["y"]}");

        Assert.Equal(["Alarms 2", "Planned work 2", "Freshness of tables (seconds) 2"], top);
    }

    [Fact]
    public void Rows_by_outcome_every_phase_of_merges_and_the_states_of_tables_are_shown()
    {
        var body = Body(SynthesizedEnvironment.Of("prod").Stack("operations"));
        string[] outcomes =
        [
            "RowsInserted", "RowsUpdated", "RowsUnchanged", "RowsDeleted", "RowsSuperseded", "RowsStale", "RowsQuarantined",
        ];
        string[] states =
        [
            "TablesParked", "ChangesInQuarantine", "FilesUnreadable", "TablesNotReplicating", "OldestWaitingFileSeconds", "TablesUnproven",
        ];
        var phases = typeof(MergePhases).GetProperties().Select(property => property.Name)
            .Where(name => name != nameof(MergePhases.Seconds)).ToList();

        Assert.Equal(6, phases.Count);
        Assert.All([.. outcomes, .. states, .. phases], metric => Assert.Contains(metric, body, StringComparison.Ordinal));
    }

    [Fact]
    public void A_cluster_and_a_database_that_is_not_on_rds_leave_no_empty_graph()
    {
        var cluster = SynthesizedEnvironment.Of(new EnvironmentJson("prod").With("source.rdsClusterId", "shop"));

        Assert.All(
            Widgets(cluster.Stack("operations")).Where(widget => widget["type"]!.GetValue<string>() == "metric"),
            widget => Assert.NotEmpty(widget["properties"]!["metrics"]!.AsArray()));
    }

    [Fact]
    public void Costs_are_those_of_what_has_the_environments_tag()
    {
        var body = Body(SynthesizedEnvironment.Of("prod").Stack("operations"));

        Assert.Contains("/costmanagement/home#/cost-explorer?", body, StringComparison.Ordinal);
        Assert.Contains(Uri.EscapeDataString("\"values\":[{\"value\":\"prod\""), body, StringComparison.Ordinal);
        Assert.Contains(Uri.EscapeDataString("\"growableValue\":{\"value\":\"Environment\""), body, StringComparison.Ordinal);
    }

    private static string Body(TemplateResources operations)
    {
        var body = operations.One("AWS::CloudWatch::Dashboard")["DashboardBody"]!;
        return body is JsonValue text ? text.GetValue<string>() : string.Concat(
            body["Fn::Join"]![1]!.AsArray().Select(part => part is JsonValue word ? word.GetValue<string>() : Token(part!)));
    }

    private static IReadOnlyList<JsonNode> Widgets(TemplateResources operations) =>
        [.. JsonNode.Parse(Body(operations))!["widgets"]!.AsArray().Select(widget => widget!)];

    // A row of a graph is the namespace, the name and the dimensions, or what is calculated.
    private static IEnumerable<string> Shown(JsonNode? rows)
    {
        foreach (var row in rows?.AsArray().Select(row => row!.AsArray()) ?? [])
            if (row[0] is JsonObject calculated)
                yield return calculated["expression"]!.GetValue<string>();
            else
                yield return string.Join(' ', row.OfType<JsonValue>().Select(value => value.GetValue<string>()));
    }

    private static IEnumerable<string> Watched(TemplateResource alarm)
    {
        if (alarm["Metrics"] is not JsonArray metrics)
            return [Named(alarm["Namespace"]!, alarm["MetricName"]!, alarm["Dimensions"])];
        return metrics.Select(metric => metric!["Expression"]?.GetValue<string>()
            ?? (metric["MetricStat"]!["Metric"] is { } stat ? Named(stat["Namespace"]!, stat["MetricName"]!, stat["Dimensions"]) : ""));
    }

    private static string Named(JsonNode space, JsonNode name, JsonNode? dimensions) => string.Join(' ', (string[])
    [
        $"{space}", $"{name}",
        .. dimensions?.AsArray().Select(dimension => $"{dimension!["Name"]} {Token(dimension["Value"]!)}") ?? [],
    ]);

    private static string Token(JsonNode value) => value is JsonValue text ? text.GetValue<string>()
        : value["Fn::Join"] is { } join ? string.Concat(join[1]!.AsArray().Select(part => Token(part!)))
        : value["Fn::GetAtt"] is { } attribute ? $"{attribute[0]}.{attribute[1]}" : $"{value["Ref"]}";
}
