using System.Text.Json.Nodes;
using CdcDms.Functions.Health;
using CdcDms.Functions.Lifecycle;
using CdcDms.LambdaRuntime;

namespace CdcDms.Functions.Tests.Health;

public sealed class HealthLinesTests
{
    private const string OfTable = """[["Environment","Table"]]""";
    private const string OfEnvironment = """[["Environment"]]""";

    private static readonly HealthReport Healthy = new()
    {
        CheckedUtc = DateTime.UnixEpoch,
        Findings = [],
        Counts = new HealthCounts
        {
            TablesParked = 0,
            TablesUnproven = 0,
            ChangesInQuarantine = 0,
            FilesUnreadable = 0,
            FilesWaiting = 3,
            OldestWaitingFileSeconds = 90,
        },
        Source = new SourceHealth
        {
            Version = "17.2",
            Slots = [new() { Name = "dms", IsActive = true, RetainedBytes = 5, IsLost = false }],
        },
        Tables = [Table("public.a") with { FilesWaiting = 3, OldestWaitingFileSeconds = 90 }],
    };

    [Fact]
    public void A_healthy_table_has_no_series_of_its_own()
    {
        var line = Assert.Single(HealthLines.Of(Healthy, Invocation()));

        Assert.Equal(
            (OfEnvironment, "HealthChecked TablesParked TablesUnproven ChangesInQuarantine FilesUnreadable OldestWaitingFileSeconds "
                + "SlotRetainedBytes SlotsLost"),
            Assert.Single(Directives(line)));
        var json = JsonNode.Parse(line)!;
        Assert.Equal((1, 90, 5), ((int)json["HealthChecked"]!, (int)json["OldestWaitingFileSeconds"]!, (int)json["SlotRetainedBytes"]!));
    }

    // Zero where no table has an age: an alarm that rang for a table that is gone hears so.
    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    [InlineData(7200)]
    public void The_age_of_the_oldest_proof_is_a_gauge_where_a_schedule_starts_full_proofs(int? age)
    {
        var report = Healthy with { Counts = Healthy.Counts! with { OldestProofSeconds = age } };

        Assert.Equal(age, (int?)JsonNode.Parse(HealthLines.Of(report, Invocation()).First())!["OldestProofSeconds"]);
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 0, 5)]
    [InlineData(2, 1, 5)]
    public void Slots_are_gauges_also_when_there_is_none_and_one_that_is_lost_is_counted(int slots, int lost, int retained)
    {
        SlotHealth[] all =
        [
            new() { Name = "dms", IsActive = true, RetainedBytes = 5, IsLost = false },
            new() { Name = "old", IsActive = false, RetainedBytes = null, IsLost = true },
        ];

        var line = HealthLines.Of(Healthy with { Source = Healthy.Source! with { Slots = all[..slots] } }, Invocation()).First();

        var json = JsonNode.Parse(line)!;
        Assert.Equal((retained, lost), ((int)json["SlotRetainedBytes"]!, (int)json["SlotsLost"]!));
    }

    [Theory]
    [InlineData("TablesParked", "1")]
    [InlineData("ChangesInQuarantine", "4")]
    [InlineData("FilesUnreadable", "2")]
    [InlineData("OldestWaitingFileSeconds", "99999")]
    public void A_state_of_a_table_that_somebody_has_to_look_at_is_a_series_of_it(string metric, string value)
    {
        var table = metric switch
        {
            "TablesParked" => Table("public.b") with { State = "parked" },
            "ChangesInQuarantine" => Table("public.b") with { Quarantined = 4 },
            "FilesUnreadable" => Table("public.b") with { FilesUnreadable = 2 },
            _ => Table("public.b") with { OldestWaitingFileSeconds = 99999, WaitsTooLong = true },
        };

        var line = HealthLines.Of(Healthy with { Tables = [Table("public.a"), table] }, Invocation()).Skip(1).Single();

        Assert.Equal((OfTable, metric), Assert.Single(Directives(line)));
        Assert.Equal(("public.b", value), ((string)JsonNode.Parse(line)!["Table"]!, JsonNode.Parse(line)![metric]!.ToString()));
    }

    [Fact]
    public void A_check_that_could_not_look_at_everything_says_so()
    {
        var away = new HealthFinding(HealthSeverity.Critical, "health-missing", "The replication could not be looked at.");
        var parked = new HealthFinding(HealthSeverity.Critical, "parked-table", "It is parked.", "public.a");

        Assert.Equal(0, Checked(Healthy with { Findings = [parked, away] }));
        Assert.Equal(1, Checked(Healthy with { Findings = [parked] }));

        static int Checked(HealthReport report) =>
            (int)JsonNode.Parse(HealthLines.Of(report, Invocation()).First())!["HealthChecked"]!;
    }

    [Fact]
    public void Every_finding_is_a_line_that_can_be_searched_for_and_no_metric()
    {
        var finding = new HealthFinding(HealthSeverity.Critical, "parked-table", "It is parked.", "public.a");

        var line = HealthLines.Of(Healthy with { Findings = [finding] }, Invocation()).Last();

        Assert.Equal(
            """
            {"Environment":"local","Table":"public.a","Outcome":"finding","RequestId":"request-1","Severity":"Critical",
            "Runbook":"parked-table","Reason":"It is parked."}
            """.ReplaceLineEndings(""),
            line);
    }

    [Fact]
    public void Every_table_that_dms_knows_is_a_line_with_its_counts_and_only_one_that_does_not_replicate_has_metrics()
    {
        DmsTable[] tables =
        [
            new("public", "a", "Table completed", 0, 0, null, null, 7, 1, 2, 3, 4),
            new("public", "b", "Table error", 0, 0, null, null, 0, 0, 0, 0, 0),
        ];
        var health = new ReplicationHealth
        {
            Name = "task shop",
            Status = "running",
            Runs = true,
            Tables = 2,
            Loading = 0,
            NotReplicating = [new("public.b", "Table error")],
            TablesNotReplicating = 1,
            Changes = new ReplicatedChanges(1, 2, 3, 4),
        };

        var lines = HealthLines.Of(health, tables, Invocation()).ToList();

        Assert.Equal(
            [(OfEnvironment, "ReplicationRuns TablesNotReplicating TablesLoading"), (OfTable, "TablesNotReplicating")],
            lines.SelectMany(Directives));
        Assert.Equal(
            """
            {"Environment":"local","Table":"public.a","Outcome":"replicated","RequestId":"request-1","State":"Table completed",
            "LoadedRows":7,"Inserts":1,"Updates":2,"Deletes":3,"Ddls":4}
            """.ReplaceLineEndings(""),
            lines[2]);
        Assert.Equal(4, lines.Count);
    }

    private static TableHealth Table(string name) => new() { Table = name, Target = name, State = "replicating" };

    private static IEnumerable<(string Dimensions, string Names)> Directives(string line) =>
        JsonNode.Parse(line)!["_aws"]?["CloudWatchMetrics"]!.AsArray().Select(directive => (
            directive!["Dimensions"]!.ToJsonString(),
            string.Join(' ', directive["Metrics"]!.AsArray().Select(metric => (string)metric!["Name"]!)))) ?? [];

    private static Invocation Invocation() => new()
    {
        RequestId = "request-1",
        DeadlineUtc = DateTime.UnixEpoch,
        Clock = TimeProvider.System,
    };
}
