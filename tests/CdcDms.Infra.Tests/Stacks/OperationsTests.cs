using CdcDms.Contract;
using CdcDms.Infra.Templates;
using CdcDms.Infra.Tests.Environments;
using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Stacks;

public class OperationsTests
{
    public static TheoryData<string> Names => SynthesizedEnvironment.Names;

    [Theory]
    [InlineData("prod", 40)]
    [InlineData("sandbox", 41)]
    [InlineData("dev", 34)]
    [InlineData("shared", 42)]
    public void Everything_that_can_go_wrong_has_an_alarm(string name, int count) =>
        Assert.Equal(count, Alarms(name).Count);

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_alarm_says_how_severe_it_is_and_where_to_read_on(string name)
    {
        var runbook = Repository.Read("docs", "runbook.md");
        Assert.All(Alarms(name), alarm =>
        {
            var description = alarm.Text("AlarmDescription");
            Assert.Matches(@"^\[(warning|critical)\] .+\. Dashboard: https://\S+ Runbook: docs/runbook\.md#[a-z-]+$", description);
            Assert.Contains($"\n## {description.Split('#')[^1]}\n", runbook, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("source-latency", "CDCLatencySource")]
    [InlineData("target-latency", "CDCLatencyTarget")]
    public void Silence_of_a_latency_is_an_alarm(string alarmName, string metric)
    {
        var alarm = Assert.Single(Alarms("prod"), alarm => IsNamed(alarm, $"cdcdms-prod-{alarmName}-critical"));

        Assert.Equal("breaching", alarm.Text("TreatMissingData"));
        Assert.Equal(metric, alarm.Text("MetricName"));
        Assert.Equal(
            ["ReplicationInstanceIdentifier=cdcdms-prod-g1", "ReplicationTaskIdentifier=cdcdms-prod-g1"],
            alarm["Dimensions"]!.AsArray().Select(dimension => $"{dimension!["Name"]}={dimension["Value"]}"));
    }

    [Theory]
    [InlineData("quarantined-rows", "warning", "MAX(ChangesInQuarantine)", 900)]
    [InlineData("rejected-files", "warning", "MAX(FilesUnreadable)", 900)]
    [InlineData("parked-table", "critical", "MAX(TablesParked)", 900)]
    [InlineData("tables-not-replicating", "critical", "MAX(TablesNotReplicating)", 900)]
    [InlineData("waiting-files", "critical", "MAX(OldestWaitingFileSeconds)", 900)]
    [InlineData("analytics-age", "critical", "MAX(LagSeconds)", 3600)]
    [InlineData("freshness", "critical", "MAX(FreshnessSeconds)", 3600, "ignore")]
    public void What_is_amiss_with_a_table_is_an_alarm_that_names_it(
        string alarmName, string severity, string value, int seconds, string silence = "notBreaching")
    {
        var alarm = Assert.Single(Alarms("prod"), alarm => IsNamed(alarm, $"cdcdms-prod-{alarmName}-{severity}"));
        var query = Assert.Single(alarm["Metrics"]!.AsArray())!;

        Assert.Equal(
            $"SELECT {value} FROM SCHEMA(\"CdcDms\", Environment, \"Table\") WHERE Environment = 'prod' "
            + $"GROUP BY \"Table\" ORDER BY {value.Split('(')[0]}() DESC",
            query["Expression"]!.GetValue<string>());
        Assert.Equal((seconds, silence), (query["Period"]!.GetValue<int>(), alarm.Text("TreatMissingData")));
    }

    [Fact]
    public void An_age_that_is_told_less_often_than_an_alarm_by_table_looks_back_is_that_of_the_environment()
    {
        var daily = SynthesizedEnvironment.Of(new EnvironmentJson("prod")
            .With("batch.schedule", "cron(5 4 * * ? *)")
            .With("alarms.analyticsAgeMinutes", 2000)).Stack("operations").OfType("AWS::CloudWatch::Alarm");

        Assert.Equal(
            MetricNames.LagSeconds,
            Assert.Single(daily, alarm => alarm.Text("AlarmName") == "cdcdms-prod-analytics-age-critical").Text("MetricName"));
    }

    [Fact]
    public void Files_that_could_not_be_deleted_are_an_alarm_from_the_first_on()
    {
        var alarm = Assert.Single(Alarms("prod"), alarm => alarm.Text("AlarmName") == "cdcdms-prod-files-not-deleted-warning");

        Assert.Equal(
            (MetricNames.Namespace, MetricNames.DeletionsFailed, "Sum", "0"),
            (alarm.Text("Namespace"), alarm.Text("MetricName"), alarm.Text("Statistic"), alarm.Text("Threshold")));
        Assert.Equal("GreaterThanThreshold", alarm.Text("ComparisonOperator"));
        Assert.Equal("notBreaching", alarm.Text("TreatMissingData"));
    }

    [Theory]
    [InlineData("marker-age", "critical", MetricNames.MarkerAgeSeconds, 1080, "breaching", 2)]
    [InlineData("markers-out-of-order", "critical", MetricNames.MarkersOutOfOrder, 0, "ignore", 1)]
    [InlineData("marker-not-written", "warning", "Errors", 0, "notBreaching", 2)]
    public void Markers_that_are_old_silent_or_out_of_order_are_an_alarm(
        string alarmName, string severity, string metric, int threshold, string silence, int periods)
    {
        var alarm = Assert.Single(Alarms("prod"), alarm => IsNamed(alarm, $"cdcdms-prod-{alarmName}-{severity}"));

        Assert.Equal(
            (metric, $"{threshold}", silence, $"{periods}", "GreaterThanThreshold"),
            (alarm.Text("MetricName"), alarm.Text("Threshold"), alarm.Text("TreatMissingData"), alarm.Text("EvaluationPeriods"),
                alarm.Text("ComparisonOperator")));
    }

    [Fact]
    public void Rows_that_differ_and_are_not_repaired_are_an_alarm_from_the_first_on()
    {
        var alarm = Assert.Single(Alarms("prod"), alarm => alarm.Text("AlarmName") == "cdcdms-prod-rows-differ-critical");
        var metrics = alarm["Metrics"]!.AsArray().ToDictionary(metric => metric!["Id"]!.GetValue<string>(), metric => metric!);

        var expression = Assert.Single(metrics.Values, metric => metric["Expression"] is not null);
        Assert.Equal("different - repaired", expression["Expression"]!.ToString());
        Assert.Equal(MetricNames.KeysDifferent, metrics["different"]["MetricStat"]!["Metric"]!["MetricName"]!.ToString());
        Assert.Equal(MetricNames.KeysRepaired, metrics["repaired"]["MetricStat"]!["Metric"]!["MetricName"]!.ToString());
        Assert.Equal(
            ("0", "1", "notBreaching"),
            (alarm.Text("Threshold"), alarm.Text("EvaluationPeriods"), alarm.Text("TreatMissingData")));
    }

    [Theory]
    [InlineData("cron(35 1 * * ? *)", 3, 86400)]
    [InlineData("rate(2 days)", 6, 86400)]
    [InlineData("rate(3 days)", 6, 86400)]
    [InlineData("rate(6 hours)", 3, 21600)]
    public void Full_proofs_that_do_not_succeed_are_an_alarm_after_as_many_intervals_as_an_alarm_looks_back_on(
        string schedule, int periods, int seconds)
    {
        var environment = SynthesizedEnvironment.Of(new EnvironmentJson("dev").With("validation.full.schedule", schedule));
        var alarm = Assert.Single(
            environment.Stack("operations").OfType("AWS::CloudWatch::Alarm"),
            alarm => IsNamed(alarm, "cdcdms-dev-proof-missing-warning"));

        Assert.Equal(
            ("ExecutionsSucceeded", "1", "LessThanThreshold", "breaching", $"{periods}", $"{seconds}"),
            (alarm.Text("MetricName"), alarm.Text("Threshold"), alarm.Text("ComparisonOperator"), alarm.Text("TreatMissingData"),
                alarm.Text("EvaluationPeriods"), alarm.Text("Period")));
        Assert.Contains("cdcdms-dev-proof", alarm.Text("Dimensions"), StringComparison.Ordinal);
    }

    private static IReadOnlyList<TemplateResource> Alarms(string name) => Alarms(SynthesizedEnvironment.Of(name));

    private static bool IsNamed(TemplateResource alarm, string name) => alarm.Text("AlarmName") == name
        || alarm.Text("AlarmName") == $"{name}-measured";

    // What tells people, a composite alarm among them by what it measures.
    private static IReadOnlyList<TemplateResource> Alarms(SynthesizedEnvironment environment) =>
        [.. environment.Stack("operations").OfType("AWS::CloudWatch::Alarm").Where(alarm =>
            alarm.Text("AlarmDescription").StartsWith('['))];
}
