using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using CdcDms.Contract;
using CdcDms.Infra.Templates;
using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Stacks;

/// <summary>What docs/deploy.md says that an environment has of what is billed by the piece.</summary>
public class CostPageTests
{
    private static readonly string[] Page = Repository.Read("docs", "deploy.md").Split('\n');

    // The prices are nobody's promise; what they are multiplied by is.
    [Theory]
    [InlineData("dev", 0)]
    [InlineData("sandbox", 1)]
    [InlineData("prod", 2)]
    [InlineData("shared", 3)]
    public void The_page_counts_what_the_templates_have(string name, int column)
    {
        var resources = SynthesizedEnvironment.Of(name).AllResources().ToList();

        var byTable = Of("AWS::CloudWatch::Alarm").ToLookup(alarm => alarm.Text("Metrics").Contains("GROUP BY", StringComparison.Ordinal));
        Assert.Equal(Piece("metrics that alarms watch").Counts[column], byTable[false].Sum(WatchedMetrics));
        Assert.Equal(Piece("alarms of each table").Counts[column], byTable[true].Count());
        Assert.Equal(Piece("composite alarms").Counts[column], Of("AWS::CloudWatch::CompositeAlarm").Count());
        Assert.Equal(Piece("keys").Counts[column], Of("AWS::KMS::Key").Count());
        Assert.Equal(Piece("secrets").Counts[column], Of("AWS::SecretsManager::Secret").Count());
        Assert.Equal(
            Piece("interface endpoints, in each zone").Counts[column],
            Of("AWS::EC2::VPCEndpoint").Where(endpoint => endpoint.Text("VpcEndpointType") == "Interface")
                .Sum(endpoint => endpoint["SubnetIds"]!.AsArray().Count));
        Assert.Equal(Piece("dashboards").Counts[column], Of("AWS::CloudWatch::Dashboard").Count());
        var ofStream = Of("AWS::Kinesis::Stream").Any() ? Fields(typeof(StreamMetricNames)).Count() : 0;
        var ofSpark = Of("AWS::Glue::Job").Any() ? Fields(typeof(SparkMetricNames)).Count() : 0;
        Assert.Equal(Piece("metrics of the functions").Counts[column], MetricsOfFunctions() + ofStream + ofSpark);
        Assert.Equal(Piece("metrics of DMS's log").Counts[column], Of("AWS::Logs::MetricFilter").Count());

        IEnumerable<TemplateResource> Of(string type) => resources.Where(resource => resource.Type == type);
    }

    [Theory]
    [InlineData("sandbox", 1)]
    [InlineData("prod", 2)]
    public void The_overview_has_the_sum_of_the_pieces(string name, int column)
    {
        string[] pieces =
        [
            "metrics that alarms watch", "composite alarms", "keys", "secrets", "interface endpoints, in each zone", "dashboards",
            "metrics of the functions", "metrics of DMS's log",
        ];
        var dollars = pieces.Select(Piece).Sum(piece => piece.Dollars * piece.Counts[column]);
        var ofTable = new[] { "alarms of each table", "metrics of the functions, of each table" }
            .Select(Piece).Sum(piece => piece.Dollars * piece.Counts[column]);
        var overview = Cells("[what is billed by the piece](#by-the-piece)");

        Assert.Equal(
            string.Create(CultureInfo.InvariantCulture, $"{dollars:0}, and {ofTable:0} a table"),
            overview[name == "sandbox" ? 0 : 1]);
    }

    [Fact]
    public void The_worked_example_adds_up()
    {
        var lines = Page.SkipWhile(line => line != "### A worked example")
            .SkipWhile(line => !line.StartsWith("|---", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(line => line.StartsWith('|')).Select(line => line.Trim('|').Split('|')[^1].Trim(' ', '*'))
            .Select(dollars => decimal.Parse(dollars, CultureInfo.InvariantCulture)).ToList();

        Assert.Equal(lines[^1], lines[..^1].Sum());
    }

    // What is charged are states: of an execution that finds nothing wrong, which takes the way that no condition asks for.
    [Theory]
    [InlineData("batch", 7)]
    [InlineData("batch-table", 6)]
    [InlineData("health", 7)]
    public void An_execution_that_finds_nothing_wrong_passes_as_many_states_as_the_page_says(string machine, int count)
    {
        var definition = BatchTests.Definition("prod", machine);
        var passed = 0;
        for (var name = definition["StartAt"]; name is not null; passed++)
        {
            var state = definition["States"]![$"{name}"]!;
            name = state["Default"] ?? state["Next"];
        }

        Assert.Equal(count, passed);
        Assert.Contains(Page, line => line.Contains("passes 7 and 7 for each table, a health check 7.", StringComparison.Ordinal));
    }

    private static int WatchedMetrics(TemplateResource alarm) =>
        alarm["Metrics"] is JsonArray metrics ? Math.Max(1, metrics.Count(metric => metric!["MetricStat"] is not null)) : 1;

    private static int MetricsOfFunctions()
    {
        string[] others = [nameof(MetricNames.Namespace), nameof(MetricNames.EnvironmentDimension), nameof(MetricNames.TableDimension)];
        return Fields(typeof(MetricNames)).Count(name => !others.Contains(name));
    }

    private static IEnumerable<string> Fields(Type names) =>
        names.GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => field.Name);

    private static (decimal Dollars, int[] Counts) Piece(string name)
    {
        var cells = Cells(name);
        return (
            decimal.Parse(cells[0], CultureInfo.InvariantCulture),
            [.. cells[1..].Select(cell => int.Parse(cell, CultureInfo.InvariantCulture))]);
    }

    private static string[] Cells(string row)
    {
        var line = Assert.Single(Page, line => line.StartsWith($"| {row} | ", StringComparison.Ordinal));
        return [.. line.Trim('|').Split('|').Skip(1).Select(cell => cell.Trim())];
    }
}
