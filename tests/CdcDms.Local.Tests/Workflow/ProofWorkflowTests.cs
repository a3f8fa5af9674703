using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Local.Tests.Commands;
using CdcDms.Local.Workflow;
using CdcDms.Pipeline.Markers;
using CdcDms.Testing;

namespace CdcDms.Local.Tests.Workflow;

/// <summary>The state machine of full proofs, and the batches that judge what it reads.</summary>
public sealed class ProofWorkflowTests(TestServers servers) : WorkflowFixture(servers)
{
    [Fact]
    public async Task A_damaged_row_is_found_by_a_full_proof_and_told_by_the_batch_that_judges_it()
    {
        await using var workflow = await StartMergedAsync();
        await Analytics.ExecuteAsync(
            """
            UPDATE analytics.accounts SET note = 'damaged' WHERE id = (
                SELECT min(id) FROM analytics.accounts WHERE id::text NOT IN (SELECT key ->> 'id' FROM cdc.proof_rows WHERE key ? 'id'))
            """);

        var asked = await workflow.ProveAsync(await TablesAsync(), Events.Enqueue, CancellationToken.None);
        Assert.Equal(
            [("public.accounts", 1), ("public.entries", 0)],
            Assert.IsType<WorkflowSucceeded>(asked).Tables.Select(table => (table.Table, table.Keys ?? -1)));
        using var end = new CancellationTokenSource();
        var capturing = CaptureAsync(untilIdle: null, FileSeconds, end.Token);
        JudgedProofs? judged = null;
        while (judged is not { KeysDifferent: > 0 })
        {
            await MarkerWriter.WriteOneAsync(Source.ConnectionString, FileSeconds, CancellationToken.None);
            judged = Assert.IsType<WorkflowSucceeded>(await RunAsync(workflow)).Tables[0].Proofs;
        }

        await end.CancelAsync();
        await capturing;
        Assert.Equal((1, 0, 0), (judged.KeysDifferent, judged.KeysRepaired, judged.NotProven));
        Assert.All(Events.OfType<BatchMerged>(), batch => Assert.True(batch.Output.Proofs is not { NotProven: > 0 }));
    }

    [Fact]
    public async Task A_table_that_a_full_proof_cannot_read_is_named_at_the_end_and_the_others_are_read()
    {
        await CaptureAsync();
        await MergeAsync();
        await Analytics.ExecuteAsync("DELETE FROM analytics.entries WHERE account = 5");
        await using var workflow = await StartAsync();
        // A target without a key serves no definition that names none.
        await Analytics.ExecuteAsync("CREATE SCHEMA IF NOT EXISTS analytics; CREATE TABLE analytics.ghosts (id integer)");
        var broken = new TableDefinition { Schema = "public", Name = "ghosts", Target = "analytics.ghosts" };
        var timed = (await TablesAsync())[0] with { Ordering = ChangeOrdering.Timestamp };

        var result = await workflow.ProveAsync([broken, timed, (await TablesAsync())[1]], Events.Enqueue, CancellationToken.None);

        var failed = Assert.IsType<WorkflowFailed>(result);
        Assert.Equal(("TablesNotProven", """These tables were not proven: ["public.ghosts"]."""), (failed.Error, failed.Cause));
        var told = Assert.Single(Events.OfType<PeopleTold>());
        Assert.Equal("CdcDms dev: tables were not proven", told.Subject);
        Assert.Contains("\"table\":\"public.ghosts\",\"error\":\"BadDefinition\",\"cause\":\"", told.Message, StringComparison.Ordinal);
        Assert.EndsWith("Runbook: docs/runbook.md#not-proven", told.Message, StringComparison.Ordinal);
        Assert.Equal(
            [("public.accounts", 0, true), ("public.entries", 1, false)],
            Events.OfType<ProofAsked>().Select(asked => asked.Output)
                .Select(output => (output.Table, output.Keys, output.Unprovable is not null)).Order());
    }

    [Fact]
    public async Task The_command_tells_what_a_full_proof_has_read()
    {
        await CaptureAsync();
        await MergeAsync();
        await Analytics.ExecuteAsync("DELETE FROM analytics.entries WHERE account = 5");

        var (exitCode, output, errors) = await RunAsync(
            [
                "workflow", "--full-proof", "--source", Source.ConnectionString, "--target", Analytics.ConnectionString,
                "--tables", Definitions, .. CommandLine.Lake(Servers, Lake),
            ]);

        Assert.True(exitCode == 0, output + errors);
        Assert.Contains("public.accounts: no row differs\n", output, StringComparison.Ordinal);
        Assert.Contains("public.entries: read 1 row for a proof\n", output, StringComparison.Ordinal);
        Assert.Matches(@"\n\| public\.entries +\| +1 \|", output);
    }
    [Fact]
    public async Task The_command_alone_judges_its_proofs_beside_a_capture()
    {
        await CaptureAsync();
        await using (var workflow = await StartAsync())
            await AssertMergedAsync(await RunAsync(workflow));
        using var end = new CancellationTokenSource();
        var capturing = CaptureAsync(untilIdle: null, FileSeconds, end.Token);

        var judged = false;
        for (var run = 0; run < 12 && !judged; run++)
        {
            var (exitCode, output, errors) = await RunAsync(
                [
                    "workflow", "--source", Source.ConnectionString, "--target", Analytics.ConnectionString, "--tables", Definitions,
                    "--file-seconds", $"{FileSeconds}", "--json", .. CommandLine.Lake(Servers, Lake),
                ]);
            Assert.True(exitCode == 0, output + errors);
            judged = await Analytics.ScalarAsync<bool>("SELECT bool_and(outcome IS NOT NULL) FROM cdc.proofs");
        }

        await end.CancelAsync();
        await capturing;
        Assert.True(judged);
    }

    [Fact]
    public async Task A_source_that_takes_no_marker_is_told_and_its_changes_are_merged_all_the_same()
    {
        await CaptureAsync();
        await Source.ExecuteAsync("DROP TABLE cdcdms.marker; CREATE VIEW cdcdms.marker AS SELECT 1 AS number");

        var (_, output, errors) = await RunAsync(
            [
                "workflow", "--source", Source.ConnectionString, "--target", Analytics.ConnectionString, "--tables", Definitions,
                .. CommandLine.Lake(Servers, Lake),
            ]);

        Assert.Contains("No marker was written at the source", errors, StringComparison.Ordinal);
        Assert.Contains("stay pending until a later marker is written.", errors, StringComparison.Ordinal);
        Assert.Equal(3000, await Analytics.ScalarAsync<long>("SELECT count(*) FROM analytics.accounts"));
        Assert.Contains("public.accounts", output, StringComparison.Ordinal);
    }
}
