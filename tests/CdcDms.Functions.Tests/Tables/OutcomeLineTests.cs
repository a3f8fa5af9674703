using System.Text.Json.Nodes;
using CdcDms.Functions.Tables;
using CdcDms.LambdaRuntime;

namespace CdcDms.Functions.Tests.Tables;

public sealed class OutcomeLineTests
{
    private const string ByTable = """[["Environment"],["Environment","Table"]]""";

    private static readonly MergePhases Phases = new()
    {
        ListSeconds = 0.25,
        FetchSeconds = 0.5,
        PrepareSeconds = 0.125,
        ReduceSeconds = 0.875,
        CopySeconds = 1.25,
        MergeSeconds = 2,
    };

    private readonly LeapingClock _clock = new();

    [Fact]
    public void A_batch_tells_its_files_the_fate_of_its_rows_its_phases_its_ways_and_its_lag_by_the_invocations_clock()
    {
        var batch = new MergeOutput
        {
            Table = "public.bücher",
            Files = 2,
            FilesRejected = 1,
            Bytes = 1234,
            Rows = new RowCounts { Read = 100, Inserted = 60, Updated = 20, Deleted = 10, Superseded = 7, Stale = 2, Quarantined = 1 },
            Phases = Phases,
            Ways = [MergeWay.Straight, MergeWay.Staged],
            Attempts = 2,
            LastCommitUtc = _clock.GetUtcNow().UtcDateTime - TimeSpan.FromSeconds(90),
            FreshUntilUtc = _clock.GetUtcNow().UtcDateTime - TimeSpan.FromSeconds(400),
            More = true,
        };

        var line = OutcomeLine.Of(batch, Invocation());

        Assert.DoesNotContain('\n', line);
        Assert.Contains("\"Table\":\"public.bücher\"", line, StringComparison.Ordinal);
        Assert.Equal(
            """
            {"Environment":"local","Table":"public.bücher","Outcome":"batch","RequestId":"request-1","RowsRead":100,"RowsInserted":60,
            "RowsUpdated":20,"RowsUnchanged":0,"RowsDeleted":10,"RowsSuperseded":7,"RowsStale":2,"RowsQuarantined":1,"Files":2,
            "FilesRejected":1,"Bytes":1234,"ListSeconds":0.25,"FetchSeconds":0.5,"PrepareSeconds":0.125,"ReduceSeconds":0.875,
            "CopySeconds":1.25,"MergeSeconds":2,"RowsPerSecond":20,"LagSeconds":90,"FreshnessSeconds":400,"Ways":"straight, staged",
            "Attempts":2,"LastCommitUtc":"2026-11-22T17:28:30Z","More":true}
            """.ReplaceLineEndings(""),
            Facts(line));
    }

    [Fact]
    public void A_batch_that_was_given_up_tells_its_phases_and_ways_and_is_no_metric()
    {
        var course = new BatchCourse { Attempts = 1, Ways = [MergeWay.Staged, MergeWay.Careful], Phases = Phases };
        var table = new TableDefinition { Schema = "public", Name = "people", Target = "analytics.people" };

        Assert.Equal(
            """
            {"Environment":"local","Table":"public.people","Outcome":"given up","RequestId":"request-1","ListSeconds":0.25,
            "FetchSeconds":0.5,"PrepareSeconds":0.125,"ReduceSeconds":0.875,"CopySeconds":1.25,"MergeSeconds":2,
            "Ways":"staged, careful","Attempts":1}
            """.ReplaceLineEndings(""),
            OutcomeLine.Of(course, table, Invocation()));
    }

    [Fact]
    public void By_table_there_are_ages_phases_and_what_was_read_put_aside_or_differs_and_all_of_it_by_environment_too()
    {
        var then = _clock.GetUtcNow().UtcDateTime - TimeSpan.FromSeconds(90);
        var batch = new MergeOutput
        {
            Table = "public.people",
            Files = 1,
            Bytes = 1,
            Rows = new RowCounts { Read = 1, Inserted = 1 },
            Phases = Phases,
            LastCommitUtc = then,
            FreshUntilUtc = then,
            Proofs = new JudgedProofs { Proofs = 1 },
            More = false,
        };

        var directives = Directives(OutcomeLine.Of(batch, Invocation())).ToDictionary(
            directive => directive.Dimensions, directive => directive.Names);

        Assert.Equal(
            [
                "RowsRead",
                "ListSeconds", "FetchSeconds", "PrepareSeconds", "ReduceSeconds", "CopySeconds", "MergeSeconds",
                "LagSeconds", "FreshnessSeconds", "UnprovenSeconds", "KeysDifferent",
            ],
            directives[ByTable]);
        Assert.Contains(
            $"| metrics of the functions, of each table | 0.30 | {directives[ByTable].Count()} |",
            Repository.Read("docs", "deploy.md"),
            StringComparison.Ordinal);
        Assert.Equal(14, directives["""[["Environment"]]"""].Count());
    }

    [Fact]
    public void A_batch_without_rows_has_neither_speed_nor_lag_and_without_a_marker_that_is_due_no_freshness()
    {
        var batch = new MergeOutput { Table = "public.people", Files = 0, Bytes = 0, Rows = new RowCounts(), More = true };

        var metrics = Metrics(OutcomeLine.Of(batch, Invocation()));

        Assert.DoesNotContain("RowsPerSecond", metrics);
        Assert.DoesNotContain("LagSeconds", metrics);
        Assert.DoesNotContain("FreshnessSeconds", metrics);
        Assert.DoesNotContain("UnprovenSeconds", metrics);
    }

    [Fact]
    public void The_last_batch_of_a_table_tells_for_how_long_it_is_unproven()
    {
        var proven = new MergeOutput { Table = "public.people", Files = 0, Bytes = 0, Rows = new RowCounts(), More = false };
        var unproven = proven with { UnprovenSinceUtc = _clock.GetUtcNow().UtcDateTime - TimeSpan.FromSeconds(70) };

        Assert.Contains("\"UnprovenSeconds\":0,", Facts(OutcomeLine.Of(proven, Invocation())), StringComparison.Ordinal);
        Assert.Contains("\"UnprovenSeconds\":70,", Facts(OutcomeLine.Of(unproven, Invocation())), StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_that_judged_proofs_tells_what_became_of_their_keys_and_one_that_judged_none_does_not()
    {
        var batch = new MergeOutput { Table = "public.people", Files = 0, Bytes = 0, Rows = new RowCounts(), More = false };
        var proofs = new JudgedProofs { Proofs = 3, NotProven = 1, KeysDifferent = 5, KeysRepaired = 4, KeysNotJudged = 2 };

        var line = OutcomeLine.Of(batch with { Proofs = proofs }, Invocation());
        var failed = OutcomeLine.Of(batch with { Proofs = new JudgedProofs { Failure = "The server is gone." } }, Invocation());

        Assert.Empty(new[] { "KeysDifferent", "KeysRepaired", "KeysNotJudged", "ProofsNotProven" }.Except(Metrics(line)));
        Assert.EndsWith(
            """
            "KeysDifferent":5,"KeysRepaired":4,"KeysNotJudged":2,"ProofsNotProven":1,
            "Ways":"","Attempts":0,"LastCommitUtc":null,"More":false,"ProofsJudged":3}
            """.ReplaceLineEndings(""),
            Facts(line), StringComparison.Ordinal);
        Assert.DoesNotContain("ProofsNotJudged", Metrics(line));
        Assert.DoesNotContain("KeysDifferent", Metrics(failed));
        Assert.Contains("ProofsNotJudged", Metrics(failed));
        Assert.Contains("\"ProofsNotJudged\":1,", failed, StringComparison.Ordinal);
        Assert.Contains("\"ProofsFailure\":\"The server is gone.\"", failed, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sample_tells_how_many_keys_were_read() => Assert.Equal(
        """{"Environment":"local","Table":"public.people","Outcome":"proof","RequestId":"request-1","KeysAsked":7}""",
        Facts(OutcomeLine.Of(new ProveOutput { Table = "public.people", Keys = 7 }, Invocation())));

    [Fact]
    public void A_whole_table_tells_the_rows_of_both_sides_and_those_that_differ()
    {
        var compared = new ValidateOutput
        {
            Table = "public.people",
            SourceRows = 3,
            TargetRows = 3,
            Missing = 0,
            Extra = 0,
            Changed = 1,
            DifferentColumns = [],
        };

        var line = OutcomeLine.Of(new ProveOutput { Table = "public.people", Keys = 1, Compared = compared }, Invocation());

        Assert.Equal(["KeysAsked"], Metrics(line));
        Assert.Equal(
            """
            {"Environment":"local","Table":"public.people","Outcome":"proof","RequestId":"request-1","KeysAsked":1,
            "SourceRows":3,"TargetRows":3,"Missing":0,"Extra":0,"Changed":1}
            """.ReplaceLineEndings(""),
            Facts(line));
    }

    [Fact]
    public void A_call_that_does_not_end_a_comparison_leaves_the_keys_to_the_one_that_does()
    {
        var asked = new ProveOutput { Table = "public.people", Keys = 7, More = ComparisonMore.Merges, Incomplete = "Some are left." };

        Assert.EndsWith(
            "\"KeysAsked\":0,\"Incomplete\":\"Some are left.\",\"More\":\"Merges\"}",
            Facts(OutcomeLine.Of(asked, Invocation())),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_that_cannot_be_proven_tells_why() => Assert.EndsWith(
        "\"KeysAsked\":0,\"Unprovable\":\"It has no key.\"}",
        Facts(OutcomeLine.Of(new ProveOutput { Table = "public.people", Keys = 0, Unprovable = "It has no key." }, Invocation())),
        StringComparison.Ordinal);

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public void Markers_tell_how_old_the_newest_is_and_whether_they_are_in_order_of_the_whole_environment(bool inOrder, int outOfOrder)
    {
        var markers = new MergeMarkersOutput
        {
            Files = 2,
            FilesRejected = 1,
            NewestUtc = _clock.GetUtcNow().UtcDateTime - TimeSpan.FromSeconds(250),
            InOrder = inOrder,
        };

        var line = OutcomeLine.Of(markers, Invocation());

        Assert.Equal(["MarkersOutOfOrder", "MarkerFilesRejected", "MarkerAgeSeconds"], Metrics(line));
        Assert.Equal("""[["Environment"]]""", Assert.Single(Directives(line)).Dimensions);
        Assert.Equal(
            $$"""
            {"Environment":"local","Outcome":"markers","RequestId":"request-1",
            "MarkersOutOfOrder":{{outOfOrder}},"MarkerFilesRejected":1,"MarkerAgeSeconds":250,"MarkerFiles":2}
            """.ReplaceLineEndings(""),
            Facts(line));
    }

    [Fact]
    public void Without_markers_there_is_no_age()
    {
        var markers = new MergeMarkersOutput { Files = 0, FilesRejected = 0, NewestUtc = null, InOrder = true };

        Assert.DoesNotContain("MarkerAgeSeconds", Metrics(OutcomeLine.Of(markers, Invocation())));
    }

    [Fact]
    public void Files_that_could_not_be_deleted_are_counted_and_told_why()
    {
        var failed = new DeletedFiles { Files = 2, Failure = "Cannot delete 5 objects" };
        var batch = new MergeOutput
        {
            Table = "public.people",
            Files = 0,
            FilesRejected = 0,
            Bytes = 0,
            Rows = new RowCounts(),
            Phases = Phases,
            More = false,
        };
        var markers = new MergeMarkersOutput { Files = 0, FilesRejected = 0, NewestUtc = null, InOrder = true };

        foreach (var line in (string[])
            [
                OutcomeLine.Of(batch with { Deleted = failed }, Invocation()),
                OutcomeLine.Of(markers with { Deleted = failed }, Invocation()),
            ])
        {
            Assert.Contains("DeletionsFailed", Metrics(line));
            Assert.Contains("\"FilesDeleted\":2,\"DeletionFailure\":\"Cannot delete 5 objects\"", line, StringComparison.Ordinal);
        }

        var done = new DeletedFiles { Files = 2 };
        Assert.DoesNotContain("DeletionsFailed", Metrics(OutcomeLine.Of(batch with { Deleted = done }, Invocation())));
        Assert.DoesNotContain("DeletionsFailed", Metrics(OutcomeLine.Of(markers with { Deleted = done }, Invocation())));
    }

    private Invocation Invocation() => new()
    {
        RequestId = "request-1",
        DeadlineUtc = _clock.GetUtcNow().UtcDateTime + TimeSpan.FromMinutes(15),
        Clock = _clock,
    };

    private static IEnumerable<string> Metrics(string line) =>
        Directives(line).SelectMany(directive => directive.Names);

    private static IEnumerable<(string Dimensions, IEnumerable<string> Names)> Directives(string line) =>
        JsonNode.Parse(line)!["_aws"]!["CloudWatchMetrics"]!.AsArray().Select(directive => (
            directive!["Dimensions"]!.ToJsonString(),
            directive["Metrics"]!.AsArray().Select(metric => (string)metric!["Name"]!)));

    /// <summary>The line without the part that is for CloudWatch's metrics; every metric of that part must stand in the line.</summary>
    private static string Facts(string line)
    {
        var json = JsonNode.Parse(line)!.AsObject();
        Assert.All(Metrics(line), name => Assert.True(json.ContainsKey(name), name));
        json.Remove("_aws");
        return json.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }
}
