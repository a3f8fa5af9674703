using CdcDms.Pipeline.Health;

namespace CdcDms.Pipeline.Tests.Health;

public sealed class HealthRulesTests
{
    private static readonly DateTime Now = new(2028, 9, 1, 0, 0, 0, DateTimeKind.Utc);

    private static readonly ReplicationHealth Running = new()
    {
        Name = "task shop",
        Status = "running",
        Runs = true,
        Tables = 2,
        Loading = 0,
        NotReplicating = [],
        TablesNotReplicating = 0,
        Changes = new ReplicatedChanges(1, 2, 3, 4),
        EngineVersion = "3.6.1",
    };

    private static readonly SourceHealth Source = new() { Version = "17.2", Slots = [], NewestMarkerSeconds = 60 };

    [Fact]
    public void A_pipeline_that_runs_has_no_finding() => Assert.Empty(HealthRules.Of(Facts()));

    [Fact]
    public void A_replication_that_stands_is_told_with_what_dms_says() => AssertFinds(
        Facts(Running with { Status = "failed", Runs = false, Cause = "Disk full." }),
        "replication-stopped", HealthSeverity.Critical, "The task shop is 'failed', and no change comes. DMS says: Disk full.");

    [Fact]
    public void Each_table_that_dms_does_not_replicate_is_told_and_how_many_more_there_are()
    {
        var findings = HealthRules.Of(Facts(Running with
        {
            NotReplicating = [new("public.a", "Table error"), new("public.b", "not captured")],
            TablesNotReplicating = 5,
        })).ToList();

        Assert.Equal(
            [
                "DMS does not replicate public.a: its state is 'Table error'.",
                "DMS does not replicate public.b: its state is 'not captured'.",
                "DMS does not replicate 3 tables more.",
            ],
            findings.Select(finding => finding.Reason));
        Assert.Equal(["public.a", "public.b", null], findings.Select(finding => finding.Table));
    }

    [Theory]
    [InlineData(89, 1)]
    [InlineData(91, 0)]
    public void Ends_that_are_near_are_told(int days, int findings)
    {
        var end = Now.AddDays(days);
        var facts = Facts(Running with { EngineEndUtc = end }) with { Certificates = [new("source", end)] };

        Assert.Equal(findings * 2, HealthRules.Of(facts).Count());
    }

    [Fact]
    public void A_secret_whose_rotation_is_overdue_is_told_and_no_other()
    {
        var facts = Facts() with
        {
            Secrets =
            [
                new("source", Now.AddDays(-40), Now.AddDays(-10)), new("analytics", Now.AddDays(-4000), RotationDueUtc: null),
                new("analytics", Now.AddDays(-20), Now.AddDays(10)),
            ],
        };

        AssertFinds(
            facts, "rotation-overdue", HealthSeverity.Warning,
            $"The secret of the source database was to be rotated by {Now.AddDays(-10):yyyy-MM-dd}, and was last changed on "
            + $"{Now.AddDays(-40):yyyy-MM-dd}.");
    }

    // PostgreSQL 16 ends on 2028-11-09, 15 did on 2027-11-11; nobody knows of 99.
    [Theory]
    [InlineData("16.4", "PostgreSQL 16, which the source database has, ends on 2028-11-09: nobody corrects it any more.")]
    [InlineData("15.8", "PostgreSQL 15, which the source database has, ended on 2027-11-11: nobody corrects it any more.")]
    [InlineData("99.1", null)]
    public void A_database_whose_version_ends_is_told(string version, string? reason)
    {
        var facts = Facts() with { Source = Source with { Version = version } };

        if (reason is null)
            Assert.Empty(HealthRules.Of(facts));
        else
            AssertFinds(facts, "engine-end-of-life", HealthSeverity.Warning, reason);
    }

    [Fact]
    public void Wal_that_is_lost_is_told_whatever_is_kept() => AssertFinds(
        Facts() with { Source = Source with { Slots = [new() { Name = "dms", IsActive = true, RetainedBytes = null, IsLost = true }] } },
        "slot-lost", HealthSeverity.Critical,
        "The source has removed, or is about to remove, WAL that the replication slot dms needs.");

    [Fact]
    public void A_source_without_a_marker_that_can_be_read_is_told() => AssertFinds(
        Facts() with { Source = Source with { NewestMarkerSeconds = null } },
        "marker-not-written", HealthSeverity.Warning,
        "No marker can be read at the source: the table cdcdms.marker is missing or empty, or the role may not read it.");

    [Theory]
    [InlineData(true, "is read too slowly")]
    [InlineData(false, "nobody reads")]
    public void Much_wal_is_told_with_who_is_late(bool active, string which) => AssertFinds(
        Facts() with
        {
            Source = Source with { Slots = [new() { Name = "dms", IsActive = active, RetainedBytes = 11L << 30, IsLost = false }] },
        },
        "slot-lag", HealthSeverity.Critical, $"The source keeps 11.0 GB of WAL for the replication slot dms, which {which}.");

    [Theory]
    [InlineData(1, "1 object of messages that could not be understood waits beside the lake: their changes are in no table.")]
    [InlineData(7, "7 objects of messages that could not be understood wait beside the lake: their changes are in no table.")]
    public void Rejected_messages_of_a_stream_are_told_as_long_as_they_wait(int objects, string reason) => AssertFinds(
        Facts() with { Rejects = new RejectsHealth(Generation: 1, objects) }, "stream-rejects", HealthSeverity.Critical, reason);

    private static void AssertFinds(HealthFacts facts, string runbook, HealthSeverity severity, string reason)
    {
        var finding = Assert.Single(HealthRules.Of(facts));
        Assert.Equal((runbook, severity, reason), (finding.Runbook, finding.Severity, finding.Reason));
    }

    private static HealthFacts Facts(ReplicationHealth? replication = null) => new(Now, new HealthLimits())
    {
        Replication = replication ?? Running,
        Source = Source,
        Analytics = null,
        Rejects = null,
        Certificates = [],
        Secrets = [],
    };
}
