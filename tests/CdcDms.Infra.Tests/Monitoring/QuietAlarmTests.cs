using CdcDms.Contract;
using CdcDms.Infra.Tests.Synthesis;
using static CdcDms.Infra.Tests.Monitoring.MetricSeries;

namespace CdcDms.Infra.Tests.Monitoring;

/// <summary>When the alarms of prod tell people, over what metrics say in the course of time. Minutes count from zero.</summary>
public class QuietAlarmTests
{
    private const int Hour = 60;
    private const int Day = 24 * Hour;
    private const int Week = 7 * Day;

    // Longer ago than any alarm looks back.
    private const int Ever = -Week;

    [Fact]
    public void A_week_in_which_all_is_well_tells_nobody() => Assert.Empty(Told(Week, Latencies(Ever, Week), Batches(Ever), Proofs(Ever)));

    [Fact]
    public void The_first_deployment_and_a_first_load_of_a_day_tell_nobody() => Assert.Empty(Told(
        Week,
        [Once(MetricNames.Deploying, 0, 20, 25), Once(MetricNames.FirstStart, 25)],
        [Between("FullLoadThroughputRowsTarget", 40, Day, 5_000)],
        Latencies(Day + 5, Week),
        Batches(2 * Hour),
        Proofs(2 * Day)));

    [Fact]
    public void A_deployment_that_stops_the_task_for_half_an_hour_tells_nobody() => Assert.Empty(Told(
        Day + (6 * Hour),
        [Once(MetricNames.Deploying, Day, Day + 2, Day + 30, Day + 32), Once("TriggeredRules", Day + 1)],
        [new("CDCLatencySource", minute => minute < Day + 2 || minute > Day + 35 ? 5 : null)],
        [new("CDCLatencyTarget", minute => minute < Day + 2 || minute > Day + 35 ? 65 : null)],
        Batches(Ever),
        Proofs(Ever)));

    [Fact]
    public void A_deployment_that_leaves_the_task_stopped_silences_nothing_for_longer_than_an_hour_and_a_half()
    {
        var told = Told(
            Day + (4 * Hour),
            [Once(MetricNames.Deploying, Day, Day + 2), Once("TriggeredRules", Day + 1)],
            Latencies(Ever, Day + 2),
            Batches(Ever),
            Proofs(Ever));

        Assert.Equal(["source-latency", "target-latency"], told.Select(alarm => alarm.Alarm).Order());
        Assert.All(told, alarm => Assert.InRange(alarm.Minute, Day + Hour, Day + (3 * Hour / 2)));
    }

    [Fact]
    public void A_task_that_falls_silent_is_told_within_half_an_hour()
    {
        var told = Told(Day + Hour, Latencies(Ever, Day), Batches(Ever), Proofs(Ever));

        Assert.Equal(["source-latency", "target-latency"], told.Select(alarm => alarm.Alarm).Order());
        Assert.All(told, alarm => Assert.InRange(alarm.Minute, Day, Day + 30));
    }

    [Fact]
    public void A_first_load_that_stands_still_is_told_within_an_hour()
    {
        var told = Told(
            10 * Hour,
            [Once(MetricNames.Deploying, 0, 20), Once(MetricNames.FirstStart, 20)],
            [Between("FullLoadThroughputRowsTarget", 30, 5 * Hour, 5_000)],
            Batches(2 * Hour),
            Proofs(Ever));

        Assert.Equal(["source-latency", "target-latency"], told.Select(alarm => alarm.Alarm).Order());
        Assert.All(told, alarm => Assert.InRange(alarm.Minute, 5 * Hour, 6 * Hour));
    }

    [Fact]
    public void A_stop_without_a_deployment_is_told_within_a_quarter_of_an_hour()
    {
        var (alarm, minute) = Assert.Single(Told(
            Day + Hour, [Once("TriggeredRules", Day + 2)], Latencies(Ever, Week), Batches(Ever), Proofs(Ever)));

        Assert.Equal("replication-stopped", alarm);
        Assert.InRange(minute, Day, Day + 15);
    }

    [Fact]
    public void A_line_of_an_error_in_dms_log_is_told_within_half_an_hour_also_during_a_load_but_not_during_a_deployment()
    {
        const string Errors = "ReplicationErrors-prod";
        IReadOnlyList<MetricSeries>[] well = [Latencies(Ever, Week), Batches(Ever), Proofs(Ever)];
        IReadOnlyList<MetricSeries> load = [Between("FullLoadThroughputRowsTarget", Day - Hour, Day + Hour, 5_000)];

        var (alarm, minute) = Assert.Single(Told(Day + Hour, [[Once(Errors, Day + 2)], load, .. well]));
        Assert.Equal("replication-errors", alarm);
        Assert.InRange(minute, Day, Day + 30);
        Assert.Empty(Told(Day + Hour, [[Once(Errors, Day + 2), Once(MetricNames.Deploying, Day)], .. well]));
    }

    [Fact]
    public void What_has_recovered_and_falls_silent_again_is_told_again()
    {
        var told = Told(
            Day,
            [new("CDCLatencySource", minute => minute is < 300 or (> 400 and < 600) ? 5 : null)],
            [Between("CDCLatencyTarget", Ever, Week, 65)],
            Batches(Ever),
            Proofs(Ever));

        Assert.Equal(["source-latency", "source-latency"], told.Select(alarm => alarm.Alarm));
    }

    [Fact]
    public void Batches_that_never_succeed_are_told_once_the_replication_has_run_for_as_long_as_the_alarm_looks_back()
    {
        var told = Told(
            2 * Day,
            [Once(MetricNames.Deploying, 0, 20), Once(MetricNames.FirstStart, 20)],
            Latencies(0, Week),
            Health(2 * Hour),
            Proofs(Day));

        Assert.Equal(["batch-missing", "marker-age"], told.Select(alarm => alarm.Alarm).Order());
        Assert.All(told, alarm => Assert.InRange(alarm.Minute, 2 * Hour, 5 * Hour));
    }

    [Fact]
    public void Proofs_that_end_are_told_after_as_many_days_as_the_alarm_looks_back()
    {
        var (alarm, minute) = Assert.Single(Told(
            2 * Week, Latencies(Ever, 2 * Week), Batches(Ever), [Every("ExecutionsSucceeded@prod-proof", Day, Ever, Week)]));

        Assert.Equal("proof-missing", alarm);
        Assert.InRange(minute, Week + (2 * Day), Week + (4 * Day));
    }

    [Fact]
    public void Health_checks_that_end_or_cannot_look_are_told_within_an_hour()
    {
        var ended = Told(
            Day + Hour,
            Latencies(Ever, Week),
            [.. Batches(Ever).Where(series => series.Name != MetricNames.HealthChecked)],
            [Every(MetricNames.HealthChecked, Hour / 4, Ever, Day)],
            Proofs(Ever));

        Assert.Equal("health-missing", Assert.Single(ended).Alarm);
        Assert.InRange(ended[0].Minute, Day, Day + Hour);
    }

    [Fact]
    public void What_suppresses_others_tells_nobody()
    {
        var quiet = SynthesizedEnvironment.Of("prod").AllResources().Where(alarm =>
            alarm.Type.StartsWith("AWS::CloudWatch", StringComparison.Ordinal)
            && alarm.Text("AlarmDescription").StartsWith("Not a fault", StringComparison.Ordinal)).ToList();

        Assert.Equal(7, quiet.Count);
        Assert.All(quiet, alarm => Assert.Null(alarm["AlarmActions"]));
    }

    private static IReadOnlyList<MetricSeries> Latencies(int from, int to) =>
        [Between("CDCLatencySource", from, to, 5), Between("CDCLatencyTarget", from, to, 65)];

    private static IReadOnlyList<MetricSeries> Batches(int from) =>
    [
        Every("ExecutionsSucceeded@prod-batch", Hour, from + 10, 2 * Week),
        Every(MetricNames.MarkerAgeSeconds, Hour, from + 6, 2 * Week, 300),
        .. Health(from),
    ];

    private static IReadOnlyList<MetricSeries> Health(int from) => [Every(MetricNames.HealthChecked, Hour / 4, from, 2 * Week)];

    private static IReadOnlyList<MetricSeries> Proofs(int from) => [Every("ExecutionsSucceeded@prod-proof", Day, from, 2 * Week)];

    private static List<(string Alarm, int Minute)> Told(int minutes, params IReadOnlyList<MetricSeries>[] metrics) =>
        new AlarmClock(SynthesizedEnvironment.Of("prod").Stack("operations"), [.. metrics.SelectMany(series => series)]).Run(minutes).Told;
}
