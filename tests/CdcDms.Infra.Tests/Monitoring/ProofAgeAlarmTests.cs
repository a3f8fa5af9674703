using CdcDms.Contract;
using CdcDms.Infra.Templates;
using CdcDms.Infra.Tests.Environments;
using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Monitoring;

/// <summary>
/// When the alarm on the age of the oldest proof begins to ring, over what health checks say of a table each quarter of an hour. Minutes
/// count from the first deployment; full proofs start once a week, so that silence of their executions rings nothing.
/// </summary>
public class ProofAgeAlarmTests
{
    private const int Hour = 60;
    private const int Day = 24 * Hour;
    private const int Week = 7 * Day;

    // A comparison and the batches that judge its proofs.
    private const int Judged = 2 * Hour;

    private static readonly Lazy<TemplateResource> Alarm = new(() => Assert.Single(
        SynthesizedEnvironment.Of(new EnvironmentJson("prod").With("validation.full.schedule", "cron(35 1 ? * SUN *)"))
            .Stack("operations").OfType("AWS::CloudWatch::Alarm"),
        alarm => alarm.Text("AlarmName") == "cdcdms-prod-proof-old-warning"));

    [Fact]
    public void A_first_load_of_days_and_proofs_each_week_tell_nobody() =>
        Assert.Empty(Rings(9 * Week, Age(loaded: 4 * Day, Week, 2 * Week, 3 * Week, 4 * Week, 5 * Week, 6 * Week, 7 * Week, 8 * Week)));

    [Fact]
    public void One_start_that_is_lost_tells_nobody() =>
        Assert.Empty(Rings(6 * Week, Age(loaded: Day, Week, 3 * Week, 5 * Week)));

    [Fact]
    public void Proofs_that_start_no_more_are_told_once_after_two_intervals_and_three_batches()
    {
        var minute = Assert.Single(Rings(9 * Week, Age(loaded: Day, Week, 2 * Week)));

        Assert.InRange(minute, (4 * Week) + (3 * Hour), (4 * Week) + (4 * Hour));
    }

    [Fact]
    public void A_table_that_is_never_proven_is_told_by_the_age_of_its_load()
    {
        var minute = Assert.Single(Rings(5 * Week, Age(loaded: 3 * Day)));

        Assert.InRange(minute, (2 * Week) + (3 * Day) + (3 * Hour), (2 * Week) + (3 * Day) + (4 * Hour));
    }

    [Fact]
    public void A_proof_ends_it_and_what_grows_old_again_is_told_again() => Assert.Equal(
        [(3 * Week) + (3 * Hour), (8 * Week) + (3 * Hour)],
        Rings(10 * Week, Age(loaded: Day, Week, 6 * Week)).Select(minute => minute / Hour * Hour));

    // Health checks that end are told by an alarm of their own.
    [Theory]
    [InlineData(2 * Week, 0)]
    [InlineData(5 * Week, 1)]
    public void Silence_neither_rings_nor_ends_what_rings(int silentFrom, int times)
    {
        var age = Age(loaded: Day, Week);
        var silent = age with { At = minute => minute < silentFrom || minute >= 7 * Week ? age.At(minute) : null };

        Assert.Equal(times, Rings(7 * Week, silent).Count);
        Assert.Single(Rings(8 * Week, silent));
    }

    [Fact]
    public void It_tells_people() => Assert.NotEmpty(Alarm.Value["AlarmActions"]!.AsArray());

    private static MetricSeries Age(int loaded, params int[] proofs) => new(MetricNames.OldestProofSeconds, minute =>
        minute % 15 != 0 ? null
        : minute < loaded ? 0
        : (minute - proofs.Where(start => start + Judged <= minute).DefaultIfEmpty(loaded).Max()) * 60);

    private static List<int> Rings(int minutes, MetricSeries age)
    {
        var alarm = new MetricAlarm(Alarm.Value, [age]);
        var begins = new List<int>();
        for (var minute = 5; minute <= minutes; minute += 5)
        {
            var rang = alarm.Rings;
            alarm.Evaluate(minute);
            if (alarm.Rings && !rang)
                begins.Add(minute);
        }

        return begins;
    }
}
