using System.Text.Json.Nodes;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Tests.Environments;
using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Stacks;

public class HealthTests
{
    public static TheoryData<string> Names => SynthesizedEnvironment.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void The_pipeline_is_looked_at_again_and_again_and_once_a_day_people_are_told_how_it_is(string name)
    {
        var rules = SynthesizedEnvironment.Of(name).Stack("batch").OfType("AWS::Events::Rule")
            .Where(rule => rule.Id.StartsWith("ScheduleHealth", StringComparison.Ordinal))
            .Select(rule => $"{rule.Text("ScheduleExpression")} {rule["Targets"]![0]!["Input"]}");

        Assert.Equal(["cron(0 6 * * ? *) {\"tell\":true}", "rate(15 minutes) {}"], rules.Order());
    }

    [Theory]
    [InlineData("dev", "serverless")]
    [InlineData("prod", "task")]
    public void It_is_told_which_replication_is_asked_and_from_which_values_on_something_is_told(string name, string kind)
    {
        var states = BatchTests.Definition(name, "health")["States"]!;

        Assert.Equal(
            $$"""{"tables.$":"$.tables","kind":"{{kind}}","identifier":"cdcdms-{{name}}-g1"}""",
            states["AskDms"]!["Parameters"]!["Payload"]!.ToJsonString());
        Assert.Equal(
            """{"waitingMinutes":150,"freshnessMinutes":60,"markerSeconds":900,"slotLagGigabytes":10,"proof":"""
            + """{"minutes":3060,"leaveOut":[]}}""",
            BatchTests.Definition("sandbox", "health")["States"]!["Start"]!["Parameters"]!["limits"]!.ToJsonString());
    }

    [Fact]
    public void How_old_a_proof_may_be_and_which_tables_have_none_goes_by_the_schedule_of_full_proofs()
    {
        var weekly = SynthesizedEnvironment.Of(new EnvironmentJson("dev")
            .With("validation.full.schedule", "cron(35 1 ? * SUN *)").With("validation.full.leaveOut", new[] { "public.orders" }));
        var off = SynthesizedEnvironment.Of(new EnvironmentJson("dev").With("validation.full.enabled", false));

        Assert.Equal("""{"minutes":20340,"leaveOut":["public.orders"]}""", Proof(weekly)!.ToJsonString());
        Assert.Null(Proof(off));

        static JsonNode? Proof(SynthesizedEnvironment environment) => BatchTests.Definition(
            environment.Stack("batch").OfType("AWS::StepFunctions::StateMachine")
                .Single(machine => machine.Text("StateMachineName") == "cdcdms-dev-health"))
            ["States"]!["Start"]!["Parameters"]!["limits"]!["proof"];
    }

    [Fact]
    public void A_look_on_one_machine_has_the_limits_of_an_environment() => Assert.Equal(
        new HealthLimits
        {
            WaitingMinutes = Defaults.AnalyticsAgeMinutes,
            FreshnessMinutes = Defaults.FreshnessMinutes,
            MarkerSeconds = 3 * 60 * Defaults.MarkerMinutes,
            SlotLagGigabytes = Defaults.SlotLagGigabytes,
        },
        new HealthLimits());

    [Theory]
    [MemberData(nameof(Names))]
    public void The_functions_may_look_and_change_nothing(string name)
    {
        var actions = SynthesizedEnvironment.Of(name).Stack("batch").OfType("AWS::IAM::Policy")
            .Where(policy => policy.Id.StartsWith("HealthFunction", StringComparison.Ordinal)
                || policy.Id.StartsWith("ReplicationHealth", StringComparison.Ordinal))
            .SelectMany(policy => policy["PolicyDocument"]!["Statement"]!.AsArray())
            .SelectMany(statement => statement!["Action"] is JsonArray several ? several.Select(one => one!.ToString())
                : [statement["Action"]!.ToString()])
            .Where(action => !action.StartsWith("logs:", StringComparison.Ordinal) && !action.StartsWith("xray:", StringComparison.Ordinal))
            .Distinct();

        Assert.All(actions, action => Assert.Contains(
            action,
            (string[])
            [
                "kms:Decrypt", "s3:GetObject", "s3:ListBucket", "secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret",
                "dms:DescribeReplications", "dms:DescribeReplicationTableStatistics",
                "dms:DescribeReplicationTasks", "dms:DescribeReplicationInstances",
                "dms:DescribeEngineVersions", "dms:DescribeTableStatistics",
            ]));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void When_nobody_could_look_three_times_an_alarm_rings(string name)
    {
        var alarm = Assert.Single(
            SynthesizedEnvironment.Of(name).Stack("operations").OfType("AWS::CloudWatch::Alarm"),
            alarm => alarm.Text("AlarmName").Contains("health-missing", StringComparison.Ordinal)
                && alarm["MetricName"]?.ToString() == "HealthChecked");

        Assert.Equal(
            ("HealthChecked", "1", "3", "900", "breaching", "LessThanThreshold"),
            (alarm.Text("MetricName"), alarm.Text("Threshold"), alarm.Text("EvaluationPeriods"), alarm.Text("Period"),
                alarm.Text("TreatMissingData"), alarm.Text("ComparisonOperator")));
    }

    [Fact]
    public void Health_checks_are_at_most_three_hours_apart_since_alarms_by_table_look_back_no_further() =>
        Assert.Contains(
            "$.health.schedule: must have at most 3 hours between two health checks",
            new EnvironmentJson("dev").With("health.schedule", "rate(4 hours)").Faults());
}
