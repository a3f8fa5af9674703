using CdcDms.Contract.Tables;
using CdcDms.Local.Workflow;
using CdcDms.Pipeline.Markers;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Workflow;

/// <summary>The state machine of reloads, over the DMS API's own answers and real databases.</summary>
public sealed class ReloadWorkflowTests(TestServers servers) : WorkflowFixture(servers)
{
    private const double Old = 1795360000.123;
    private const double New = 1795370000.123;
    private static readonly RecordedLoad Suspended = new("Table error", Old, Old + 60);
    private static readonly RecordedLoad Completed = new("Table completed", New, New + 60);

    [Fact]
    public async Task A_suspended_table_is_loaded_merged_and_proven_and_what_differs_is_repaired()
    {
        await CaptureAsync();
        await using var dms = await CapturingAsync();
        dms.Throttled = 2;
        await using var workflow = await StartAsync(dms: dms.Url);
        await AssertMergedAsync(await RunAsync(workflow));
        // As after a time in which nothing of the table was captured: a row is gone, one is new, one is as it was.
        await Analytics.ExecuteAsync(
            """
            DELETE FROM analytics.accounts WHERE id = 7;
            INSERT INTO analytics.accounts (id, balance, _cdc_version) VALUES (9000, 1, 0);
            UPDATE analytics.accounts SET note = 'old' WHERE id = 11;
            """);

        // The files of the load: of its rows only those that are not there are taken.
        await CopyLoadFileAsync("g001/public/accounts", copies: 1);

        var reloaded = Assert.IsType<WorkflowSucceeded>(await ReloadAsync(workflow, (await TablesAsync())[0]));

        Assert.Equal(["public.accounts"], dms.Recorded.Reloaded);
        Assert.Equal(("public.accounts", 2), (reloaded.Tables.Single().Table, reloaded.Tables.Single().Keys));
        Assert.Equal(
            [
                "GivenTables", "Tables", "AskForLoad", "WaitForLoad", "Look", "IsLoaded", "WaitForLoad", "Look", "IsLoaded", "WaitForFiles",
                "MergeTable", "IsMerged", "ProveTable", "Compared", "TableAsked", "IsProvable", "TableReloaded", "Summary", "AllReloaded",
                "Reloaded",
            ],
            States("cdcdms-dev-reload"));
        Assert.Contains(Events, happened => happened is TaskRetried { State: "AskForLoad" });
        await JudgedAsync(workflow);
        await AssertIdenticalAsync();
        Assert.Equal("public.entries", await Analytics.ScalarAsync<string>(
            """
            SELECT string_agg(DISTINCT 'public.' || t.target_name, ', ') FROM cdc.unproven u JOIN cdc.tables t ON t.id = u.table_id
            WHERE t.target_schema = 'analytics'
            """));
    }

    [Fact]
    public async Task An_execution_that_is_stopped_at_any_step_is_started_again_and_two_at_once_do_no_harm()
    {
        await CaptureAsync();
        await MergeAsync();
        await using var dms = await CapturingAsync();
        await using var workflow = await StartAsync(dms: dms.Url);
        var table = (await TablesAsync())[0];
        await Analytics.ExecuteAsync("DELETE FROM analytics.accounts WHERE id = 7");

        foreach (var step in (string[])["AskForLoad", "Look", "MergeTable", "ProveTable"])
        {
            using var kill = new CancellationTokenSource();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => workflow.ReloadAsync(
                [table],
                happened =>
                {
                    LetOthersEnd(happened);
                    if (happened is StateEntered { State: var state } && state == step)
                        kill.Cancel();
                },
                kill.Token));
            Assert.True(kill.IsCancellationRequested);
        }

        var afterwards = await ReloadOnceOthersHaveEndedAsync(workflow);
        var results = await Task.WhenAll(ReloadAsync(workflow, table), ReloadAsync(workflow, table));

        Assert.All(results.Append(afterwards), result => Assert.Equal(1, Assert.IsType<WorkflowSucceeded>(result).Tables.Single().Keys));
    }

    [Fact]
    public async Task A_table_that_another_execution_merges_is_waited_for_and_merged_before_it_is_compared()
    {
        await CaptureAsync();
        await MergeAsync();
        await using var dms = await CapturingAsync();
        await using var workflow = await StartAsync(dms: dms.Url);
        await Analytics.ExecuteAsync(
            "INSERT INTO cdc.leases SELECT id, 'other', now() + interval '1 hour' FROM cdc.tables WHERE target_name = 'accounts'");

        var reloaded = await ReloadOnceOthersHaveEndedAsync(workflow);

        Assert.Null(Assert.Single(Assert.IsType<WorkflowSucceeded>(reloaded).Tables).Error);
        var states = States("cdcdms-dev-reload");
        Assert.True(states.IndexOf("WaitForOther") is > 0 and var waited && waited < states.IndexOf("ProveTable"));
        Assert.Contains("Merge", States("cdcdms-dev-batch-table", "public.accounts"));
    }

    [Fact]
    public async Task Each_table_that_is_not_loaded_again_is_told_with_its_cause_and_the_cure()
    {
        await using var dms = await CapturingAsync();
        var loads = new Dictionary<string, RecordedLoad[]>
        {
            ["errors"] = [new("Full load", New), new("Table error", New)],
            ["rows"] = [new("Table completed", New, New + 60, ErrorRows: 2)],
            ["endless"] = [new("Full load", New)],
        };
        foreach (var (name, load) in loads)
            dms.Recorded.Tables[$"public.{name}"] = new RecordedTable(Suspended) { WhenReloaded = load };
        await using var workflow = await StartAsync(dms: dms.Url);

        var failed = Assert.IsType<WorkflowFailed>(await ReloadAsync(workflow, [.. loads.Keys.Append("ghosts").Select(Named)]));

        Assert.Equal(
            (
                "TablesNotReloaded",
                "These tables were not loaded again, or not merged and read for proofs afterwards: "
                + """["public.errors","public.rows","public.endless","public.ghosts"]."""),
            (failed.Error, failed.Cause));
        var told = Assert.Single(Events.OfType<PeopleTold>());
        Assert.Equal("CdcDms dev: tables were not loaded again", told.Subject);
        foreach (var sentence in (string[])
            [
                "DMS did not load public.errors again: its state is 'Table error'. The log of the serverless replication cdcdms-dev-g1 has",
                "DMS did not load public.rows again: 2 of its rows could not be written.",
                "The load of public.endless has not ended within a day; at the end its state was 'Full load'.",
                "public.ghosts was not loaded again: the serverless replication cdcdms-dev-g1 does not capture it. Correct the name",
            ])
            Assert.Contains(sentence, told.Message, StringComparison.Ordinal);
        Assert.EndsWith("Runbook: docs/runbook.md#reload-failed", told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_that_is_loaded_and_cannot_be_merged_or_proven_is_told_and_an_input_without_tables_is_refused()
    {
        await CaptureAsync();
        await MergeAsync();
        await using var dms = await CapturingAsync();
        // A target without a key serves no definition that names none.
        await Analytics.ExecuteAsync("CREATE SCHEMA IF NOT EXISTS analytics; CREATE TABLE analytics.ghosts (id integer)");
        dms.Recorded.Tables["public.ghosts"] = new RecordedTable(Suspended) { WhenReloaded = [Completed] };
        await using var workflow = await StartAsync(dms: dms.Url);
        var timed = (await TablesAsync())[0] with { Ordering = ChangeOrdering.Timestamp };

        var failed = Assert.IsType<WorkflowFailed>(await ReloadAsync(workflow, Named("ghosts"), timed));

        Assert.EndsWith("""["public.ghosts","public.accounts"].""", failed.Cause, StringComparison.Ordinal);
        var told = Assert.Single(Events.OfType<PeopleTold>());
        Assert.Contains("\"table\":\"public.ghosts\",\"error\":\"BadDefinition\"", told.Message, StringComparison.Ordinal);
        Assert.Contains("No row of public.accounts can be proven", told.Message, StringComparison.Ordinal);

        dms.Status = "stopped";
        Assert.Contains("public.ghosts", Assert.IsType<WorkflowFailed>(await ReloadAsync(workflow, Named("ghosts"))).Cause);
        Assert.Contains(
            "the serverless replication cdcdms-dev-g1 is 'stopped', and DMS loads tables only while it runs.",
            Events.OfType<PeopleTold>().Last().Message,
            StringComparison.Ordinal);

        var refused = Assert.IsType<WorkflowFailed>(await workflow.ReloadAsync(null, _ => { }, CancellationToken.None));
        Assert.Equal("BadDefinition", refused.Error);
        Assert.StartsWith("The input of cdcdms-dev-reload names no table:", refused.Cause, StringComparison.Ordinal);
    }

    private static TableDefinition Named(string name) => new() { Schema = "public", Name = name, Target = $"analytics.{name}" };

    private static async Task<DmsOfTables> CapturingAsync()
    {
        var dms = await DmsOfTables.StartAsync();
        dms.Recorded.Tables["public.accounts"] = new RecordedTable(Suspended) { WhenReloaded = [new("Full load", New), Completed] };
        return dms;
    }

    private Task<WorkflowResult> ReloadAsync(LocalWorkflow workflow, params TableDefinition[] tables) =>
        workflow.ReloadAsync(tables, Events.Enqueue, CancellationToken.None);

    /// <summary>Runs batches, while the source is captured, until no proof waits to be judged.</summary>
    // A state that waits for another execution takes no time here: the leases of others end then.
    private async Task<WorkflowResult> ReloadOnceOthersHaveEndedAsync(LocalWorkflow workflow) => await workflow.ReloadAsync(
        [(await TablesAsync())[0]],
        happened =>
        {
            Events.Enqueue(happened);
            LetOthersEnd(happened);
        },
        CancellationToken.None);

    private void LetOthersEnd(WorkflowEvent happened)
    {
        if (happened is StateEntered { State: "WaitForOther" })
            Analytics.ExecuteAsync("DELETE FROM cdc.leases").GetAwaiter().GetResult();
    }

    private async Task JudgedAsync(LocalWorkflow workflow)
    {
        using var end = new CancellationTokenSource();
        var capturing = CaptureAsync(untilIdle: null, FileSeconds, end.Token);
        while (await Analytics.ScalarAsync<long>("SELECT count(*) FROM cdc.proofs WHERE outcome IS NULL") > 0)
        {
            await MarkerWriter.WriteOneAsync(Source.ConnectionString, FileSeconds, CancellationToken.None);
            Assert.IsType<WorkflowSucceeded>(await RunAsync(workflow));
        }

        await end.CancelAsync();
        await capturing;
    }
}
