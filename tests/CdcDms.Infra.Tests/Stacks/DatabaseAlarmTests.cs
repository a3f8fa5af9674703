using CdcDms.Infra.Templates;
using CdcDms.Infra.Tests.Environments;
using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Stacks;

/// <summary>What is watched of the databases, and of a serverless replication.</summary>
public class DatabaseAlarmTests
{
    private const string Writer = "DBClusterIdentifier=shop Role=WRITER";

    [Theory]
    [InlineData("prod", "slot-lag", "TransactionLogsDiskUsage", Writer, "10737418240")]
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

    [Fact]
    public void The_slots_of_an_instance_are_watched_by_the_slowest_of_them()
    {
        var alarm = Assert.Single(Alarms("sandbox"), Named("-slot-lag-"));

        Assert.Equal("OldestReplicationSlotLag", alarm.Text("MetricName"));
        Assert.Contains("DBInstanceIdentifier", alarm.Text("Dimensions"), StringComparison.Ordinal);
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
