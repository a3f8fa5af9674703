using CdcDms.Contract;
using CdcDms.Infra.Templates;
using CdcDms.Infra.Tests.Environments;
using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Stacks;

/// <summary>What is watched of the databases, and of a serverless replication.</summary>
public class DatabaseAlarmTests
{
    private const string Writer = "DBClusterIdentifier=shop Role=WRITER";

    [Theory]
    [InlineData("prod", "source-cpu", "CPUUtilization", Writer, "90")]
    [InlineData("prod", "analytics-storage", "FreeStorageSpace", "DBInstanceIdentifier=analytics", "10737418240")]
    [InlineData("prod", "analytics-cpu", "CPUUtilization", "DBInstanceIdentifier=analytics", "90")]
    [InlineData("dev", "capacity", "CapacityUtilization", "ReplicationConfigId=111122223333:cdcdms-dev-g1", "90")]
    [InlineData("dev", "source-latency", "CDCLatencySource", "ReplicationConfigId=111122223333:cdcdms-dev-g1", "900")]
    public void An_alarm_watches_the_metric_of_this_database_or_replication(
        string environment, string name, string metric, string dimensions, string threshold)
    {
        var alarm = Assert.Single(Alarms(environment), Named($"-{environment}-{name}-"));

        Assert.Equal(
            (metric, dimensions, threshold),
            (alarm.Text("MetricName"),
                string.Join(' ', alarm["Dimensions"]!.AsArray().Select(dimension => $"{dimension!["Name"]}={dimension["Value"]}")),
                alarm.Text("Threshold")));
    }

    // dev's source is not on RDS; prod's is a cluster, and the sandbox's an instance.
    [Theory]
    [InlineData("dev", "slot-lag", MetricNames.SlotRetainedBytes, "10737418240")]
    [InlineData("prod", "slot-lag", MetricNames.SlotRetainedBytes, "10737418240")]
    [InlineData("sandbox", "slot-lag", MetricNames.SlotRetainedBytes, "10737418240")]
    [InlineData("dev", "slot-lost", MetricNames.SlotsLost, "0")]
    [InlineData("prod", "slot-lost", MetricNames.SlotsLost, "0")]
    public void The_slots_of_every_source_have_one_alarm_on_what_health_checks_see(
        string environment, string name, string metric, string threshold)
    {
        var alarm = Assert.Single(Alarms(environment), Named($"-{environment}-{name}-critical"));

        Assert.Equal(
            (MetricNames.Namespace, metric, "Maximum", threshold, "1", "900", "ignore"),
            (alarm.Text("Namespace"), alarm.Text("MetricName"), alarm.Text("Statistic"), alarm.Text("Threshold"),
                alarm.Text("EvaluationPeriods"), alarm.Text("Period"), alarm.Text("TreatMissingData")));
    }

    [Fact]
    public void The_storage_of_a_cluster_and_databases_that_are_not_on_RDS_have_no_alarm()
    {
        Assert.DoesNotContain(Alarms("prod"), Named("-source-storage-"));
        Assert.DoesNotContain(Alarms("dev"), Named("-source-cpu-"));
    }

    [Fact]
    public void An_instance_cannot_stand_beside_its_cluster() => Assert.Equal(
        [
            "$.source.rdsClusterId: cannot stand beside rdsInstanceId: which instance of a cluster writes may change; keep one of them",
        ],
        new EnvironmentJson("prod").With("source.rdsInstanceId", "shop-1").Faults());

    private static IReadOnlyList<TemplateResource> Alarms(string environment) =>
        SynthesizedEnvironment.Of(environment).Stack("operations").OfType("AWS::CloudWatch::Alarm");

    private static Predicate<TemplateResource> Named(string part) =>
        alarm => alarm.Text("AlarmName").Contains(part, StringComparison.Ordinal)
            && !alarm.Text("AlarmName").EndsWith("-young", StringComparison.Ordinal);
}
