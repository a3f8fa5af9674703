using CdcDms.Contract.Functions;
using CdcDms.Local.Workflow;
using CdcDms.Pipeline.Markers;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Workflow;

/// <summary>The state machine of health checks, over the DMS API's own answers and real databases.</summary>
public sealed class HealthWorkflowTests(TestServers servers) : WorkflowFixture(servers)
{
    private static readonly RecordedLoad Completed = new("Table completed", 1795360000.5, 1795360060.5);
    private static readonly RecordedLoad Suspended = new("Table error", 1795360000.5, 1795360060.5);

    [Fact]
    public async Task What_dms_the_lake_and_the_ledger_say_is_in_one_report_and_nobody_is_told()
    {
        await using var dms = await DmsAsync(("accounts", Completed), ("entries", Suspended));
        await using var workflow = await StartMergedAsync(dms.Url);
        Events.Clear();

        var report = await LookAsync(workflow, tell: false);

        Assert.Equal(
            [("tables-not-replicating", "public.entries"), ("unproven", "public.accounts"), ("unproven", "public.entries")],
            report.Findings.Select(finding => (finding.Runbook, finding.Table!)));
        Assert.Equal(["replicating", "replicating"], report.Tables.Select(table => table.State));
        Assert.Equal(0, report.Counts!.FilesWaiting);
        Assert.InRange(report.Counts.OldestProofSeconds!.Value, 0, 600);
        Assert.Equal("running", report.Replication!.Status);
        Assert.NotEmpty(report.Source!.Slots);
        Assert.Equal(["GivenTell", "TellNobody", "Start", "AskDms", "Look", "TellPeople", "Looked"], States("cdcdms-dev-health"));
        Assert.Empty(Events.OfType<PeopleTold>());
    }

    [Fact]
    public async Task People_are_told_how_the_pipeline_is_when_the_input_says_so()
    {
        await using var dms = await DmsAsync(("accounts", Completed), ("entries", Completed));
        await using var workflow = await StartAsync(dms: dms.Url);

        await LookAsync(workflow, tell: true);

        Assert.Equal(
            [
                "GivenTell", "Start", "AskDms", "Look", "TellPeople", "StacksBeforeTell", "ReplicationStackBeforeTell",
                "BatchStackBeforeTell", "Tell", "Looked",
            ],
            States("cdcdms-dev-health"));
        var told = Assert.Single(Events.OfType<PeopleTold>());
        Assert.Equal("CdcDms dev: health", told.Subject);
        Assert.StartsWith("Everything was looked at, and nothing is wrong.", told.Message, StringComparison.Ordinal);
        Assert.Contains("serverless replication cdcdms-dev-g1 is running, with 2 tables", told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_dms_or_a_database_cannot_be_asked_that_is_told_and_the_rest_is_looked_at()
    {
        await CaptureAsync();
        await MergeAsync();
        await using var dms = await DmsAsync(("accounts", Completed));
        dms.Throttled = 100;
        await using var workflow = await StartAsync(dms: dms.Url);

        var report = await LookAsync(workflow, tell: true);

        Assert.Equal(("health-missing", HealthSeverity.Critical), (report.Findings[0].Runbook, report.Findings[0].Severity));
        Assert.StartsWith(
            "The replication could not be looked at: DMS was not asked; the log of the function replication-health has the reason.",
            report.Findings[0].Reason, StringComparison.Ordinal);
        Assert.Equal(2, report.Tables.Count);
        Assert.Contains(Events, happened => happened is TaskRetried { State: "AskDms" });
        Assert.Contains(
            "[critical] The replication could not be looked at",
            Assert.Single(Events.OfType<PeopleTold>()).Message,
            StringComparison.Ordinal);
    }

    private static async Task<DmsOfTables> DmsAsync(params (string Name, RecordedLoad Load)[] tables)
    {
        var dms = await DmsOfTables.StartAsync();
        foreach (var (name, load) in tables)
            dms.Recorded.Tables[$"public.{name}"] = new RecordedTable(load);
        return dms;
    }

    private async Task<HealthReport> LookAsync(LocalWorkflow workflow, bool tell)
    {
        await MarkerWriter.WriteOneAsync(Source.ConnectionString, 60, CancellationToken.None);
        return await workflow.LookAsync(await TablesAsync(), tell, Events.Enqueue, CancellationToken.None) switch
        {
            PipelineLookedAt looked => looked.Report,
            var other => throw new InvalidOperationException(other.ToString()),
        };
    }
}
