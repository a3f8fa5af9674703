using System.Text.Json.Nodes;
using CdcDms.Contract;
using CdcDms.Infra.Templates;
using CdcDms.Infra.Tests.Environments;
using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Stacks;

/// <summary>What rings of proofs.</summary>
public class ProofAlarmTests
{
    [Fact]
    public void A_proof_that_could_not_be_judged_rings_as_one_of_which_nothing_could_be_said()
    {
        var alarm = Alarm(SynthesizedEnvironment.Of("prod"), "cdcdms-prod-not-proven-warning");

        Assert.Equal(
            [(MetricNames.ProofsNotJudged, "Sum"), (MetricNames.ProofsNotProven, "Sum")],
            Watched(alarm).Select(watched => (watched.Metric, watched.Statistic)).Order());
        Assert.Equal("FILL(unsaid, 0) + FILL(unjudged, 0)", Expression(alarm));
        Assert.Equal(AtTheFirst, Limits(alarm));
    }

    [Theory]
    [InlineData("cron(35 1 * * ? *)")]
    [InlineData("cron(35 1 ? * SUN *)")]
    public void A_full_proof_that_ends_without_success_rings_however_rarely_it_starts(string schedule)
    {
        var environment = SynthesizedEnvironment.Of(new EnvironmentJson("dev").With("validation.full.schedule", schedule));

        var alarm = Alarm(environment, "cdcdms-dev-proof-failed-warning");

        Assert.Equal(
            ["ExecutionsAborted", "ExecutionsFailed", "ExecutionsTimedOut"], Watched(alarm).Select(watched => watched.Metric).Order());
        Assert.All(Watched(alarm), watched => Assert.Contains("cdcdms-dev-proof", watched.Dimensions, StringComparison.Ordinal));
        Assert.Equal("FILL(failed, 0) + FILL(late, 0) + FILL(aborted, 0)", Expression(alarm));
        Assert.Equal(AtTheFirst, Limits(alarm));
    }

    private static (string Threshold, string Periods, string Comparison, string Silence) AtTheFirst { get; } =
        ("0", "1", "GreaterThanThreshold", "notBreaching");

    private static TemplateResource Alarm(SynthesizedEnvironment environment, string name) =>
        Assert.Single(environment.Stack("operations").OfType("AWS::CloudWatch::Alarm"), alarm => alarm.Text("AlarmName") == name);

    private static IEnumerable<(string Metric, string Statistic, string Dimensions)> Watched(TemplateResource alarm) =>
        alarm["Metrics"]!.AsArray().Select(metric => metric!["MetricStat"]).OfType<JsonNode>().Select(stat => (
            stat["Metric"]!["MetricName"]!.GetValue<string>(), stat["Stat"]!.GetValue<string>(),
            stat["Metric"]!["Dimensions"]!.ToJsonString()));

    private static string Expression(TemplateResource alarm) =>
        Assert.Single(alarm["Metrics"]!.AsArray(), metric => metric!["Expression"] is not null)!["Expression"]!.GetValue<string>();

    private static (string, string, string, string) Limits(TemplateResource alarm) => (
        alarm.Text("Threshold"), alarm.Text("EvaluationPeriods"), alarm.Text("ComparisonOperator"), alarm.Text("TreatMissingData"));
}
