using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Local.Tests.Commands;
using CdcDms.Local.Workflow;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Markers;
using CdcDms.Testing;
using Npgsql;

namespace CdcDms.Local.Tests.Workflow;

/// <summary>The definitions of the template, run over real servers by the published functions.</summary>
public sealed class WorkflowTests(TestServers servers) : WorkflowFixture(servers)
{
    [Fact]
    public async Task Every_table_is_planned_merged_read_for_a_proof_and_reported()
    {
        await using var workflow = await StartMergedAsync();

        Assert.Equal(
            ["GivenTables", "MergeMarkers", "Tables", "MergeTable", "MergeTable", "Summary", "AllMerged", "Merged"],
            States("cdcdms-dev-batch"));
        Assert.Empty(Events.OfType<TaskErred>());
        Assert.Equal(
            [
                "Plan", "FirstLoad", "Groups", "MergeGroup", "GroupMerged", "AllGroups", "Plan", "FirstLoad", "Merge", "MoreFiles",
                "Prove", "Report",
            ],
            States("cdcdms-dev-batch-table", "public.accounts"));
        Assert.Equal(
            [("public.accounts", 1000), ("public.entries", 1000)],
            Events.OfType<ProofAsked>().Select(asked => (asked.Output.Table, asked.Output.Keys)).Order());
        Assert.Equal(6000, Events.OfType<BatchMerged>().Sum(batch => batch.Output.Rows.Inserted));
    }

    [Fact]
    public async Task What_is_unavailable_for_a_moment_is_tried_again()
    {
        await CaptureAsync();
        await using var workflow = await StartAsync();
        await using var server = NpgsqlDataSource.Create(Servers.Postgres.ConnectionString("postgres"));
        await AllowConnectionsAsync(server, false);

        var result = await RunAsync(workflow, happened =>
        {
            if (happened is TaskErred)
                AllowConnectionsAsync(server, true).GetAwaiter().GetResult();
        });

        await AssertMergedAsync(result);
        Assert.Contains(Events, happened => happened is TaskErred { State: "MergeMarkers", Error: nameof(ErrorKind.Unavailable) });
        Assert.Contains(Events, happened => happened is TaskRetried { State: "MergeMarkers" });
    }

    [Fact]
    public async Task A_table_that_fails_is_named_at_the_end_and_the_others_are_merged()
    {
        await CaptureAsync();
        await using var workflow = await StartAsync();
        // A target without a key serves no definition that names none.
        await Analytics.ExecuteAsync("CREATE SCHEMA IF NOT EXISTS analytics; CREATE TABLE analytics.ghosts (id integer)");
        var broken = new TableDefinition { Schema = "public", Name = "ghosts", Target = "analytics.ghosts" };

        // The cause of a child execution has its input in it, and of this one it is cut in the middle.
        var wide = broken with { Name = "wide", LeaveOut = [.. Enumerable.Range(0, 5000).Select(n => $"column_{n}")] };

        var result = await RunAsync(workflow, tables: [(await TablesAsync())[0], broken, wide, (await TablesAsync())[1]]);

        var failed = Assert.IsType<WorkflowFailed>(result);
        Assert.Equal(
            ("TablesFailed", """These tables were not merged: ["public.ghosts","public.wide"]. The others were."""),
            (failed.Error, failed.Cause));
        var told = Assert.Single(Events.OfType<PeopleTold>());
        Assert.Contains("\"table\":\"public.wide\",\"error\":\"States.TaskFailed\"", told.Message, StringComparison.Ordinal);
        Assert.Contains("\"table\":\"public.ghosts\",\"error\":\"BadDefinition\",\"cause\":\"", told.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Events, happened => happened is TaskRetried);
        Assert.Equal(3000, await Analytics.ScalarAsync<long>("SELECT count(*) FROM analytics.accounts"));
        Assert.Equal(3000, await Analytics.ScalarAsync<long>("SELECT count(*) FROM analytics.entries"));
    }

    [Fact]
    public async Task A_table_that_is_merged_and_of_which_no_row_can_be_read_is_told_as_that_and_the_execution_succeeds()
    {
        await CaptureAsync();
        await Source.ExecuteAsync("ALTER TABLE accounts RENAME TO renamed");
        await using var workflow = await StartAsync();

        var result = await RunAsync(workflow);

        var tables = Assert.IsType<WorkflowSucceeded>(result).Tables.ToDictionary(table => table.Table);
        Assert.Null(tables["public.entries"].Error);
        Assert.Equal(
            ("BadDefinition", "The source database has no table public.accounts; correct the definition."),
            (tables["public.accounts"].Error, tables["public.accounts"].Cause));
        var told = Assert.Single(Events.OfType<PeopleTold>());
        Assert.Equal("CdcDms dev: tables were not proven", told.Subject);
        Assert.Contains("every table was merged, but of these no row was proven", told.Message, StringComparison.Ordinal);
        Assert.Contains("\"table\":\"public.accounts\"", told.Message, StringComparison.Ordinal);
        Assert.Equal(3000, await Analytics.ScalarAsync<long>("SELECT count(*) FROM analytics.accounts"));
    }

    [Fact]
    public async Task Where_markers_cannot_be_merged_people_are_told_and_the_tables_are_merged()
    {
        await CaptureAsync();
        await MarkerWriter.WriteOneAsync(Source.ConnectionString, 60, CancellationToken.None);
        await CaptureAsync();
        // The ledger is made, and then takes no markers.
        await new MarkerJob(new LakeReader(Servers.S3, Lake), Analytics.ConnectionString).MergeAsync(CancellationToken.None);
        await Analytics.ExecuteAsync(
            "UPDATE cdc.tables SET target_schema = 'gone'; ALTER TABLE cdc.tables ADD CHECK (target_schema <> 'cdc')");
        await using var workflow = await StartAsync();

        await AssertMergedAsync(await RunAsync(workflow));
        var told = Assert.Single(Events.OfType<PeopleTold>());
        Assert.Equal("CdcDms dev: markers were not merged", told.Subject);
        Assert.Matches("Markers were not merged: new row for relation .*tables.* violates check constraint", told.Message);
        Assert.EndsWith("Runbook: docs/runbook.md#markers-not-merged", told.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Merging_goes_on_while_more_files_wait()
    {
        await CaptureAsync();
        for (var change = 0; change < 3; change++)
        {
            await Source.ExecuteAsync("UPDATE accounts SET balance = balance + 1 WHERE id <= 10");
            await CaptureAsync();
        }

        await using var workflow = await StartAsync(batchBytes: 1);

        await AssertMergedAsync(await RunAsync(workflow));
        Assert.True(States("cdcdms-dev-batch-table", "public.accounts").Count(state => state == "Merge") >= 3);
    }

    [Fact]
    public async Task Many_files_of_a_first_load_are_merged_side_by_side()
    {
        await CaptureAsync();
        await CopyLoadFileAsync("g001/public/accounts", copies: 12);
        await using var workflow = await StartAsync(batchBytes: 1);

        await AssertMergedAsync(await RunAsync(workflow));
        var states = States("cdcdms-dev-batch-table", "public.accounts");
        Assert.Equal(13, states.Count(state => state == "GroupMerged"));
        Assert.Equal(2, states.Count(state => state == "Plan"));
        Assert.All(Events.OfType<BatchMerged>(), batch => Assert.Null(batch.Output.LeftAlone));
    }

    [Fact]
    public async Task A_table_that_is_fed_from_plain_files_is_merged_and_not_proven()
    {
        await PlainFile.PutAsync(
            Servers, Lake, "processed/orders/20260102-030405.parquet", "SELECT * FROM (VALUES (1, 9.5), (2, 7)) t(id, total)");
        var orders = new TableDefinition
        {
            Schema = "shop",
            Name = "orders",
            Target = "analytics.orders",
            Key = ["id"],
            Columns = [new() { From = "id", To = "id", Type = "integer" }, new() { From = "total", To = "total", Type = "numeric(12,2)" }],
            Feed = new TableFeed { Prefix = "processed/orders/" },
        };
        await using var workflow = await StartAsync();

        var result = await RunAsync(workflow, tables: [orders]);

        Assert.Equal([new TableReport("shop.orders")], Assert.IsType<WorkflowSucceeded>(result).Tables);
        Assert.Equal(["Plan", "FirstLoad", "Merge", "MoreFiles", "Report"], States("cdcdms-dev-batch-table", "shop.orders"));
        Assert.Equal(2, await Analytics.ScalarAsync<long>("SELECT count(*) FROM analytics.orders"));
    }

    [Fact]
    public async Task The_command_prints_what_is_done_and_what_became_of_proofs()
    {
        await CaptureAsync();

        var (exitCode, output, errors) = await RunAsync(
            [
                "workflow", "--source", Source.ConnectionString, "--target", Analytics.ConnectionString, "--tables", Definitions,
                .. CommandLine.Lake(Servers, Lake),
            ]);

        Assert.True(exitCode == 0, output + errors);
        Assert.Matches(@"(^|\n)public\.entries: merged [\d,]+ rows of \d+ files? in ", output);
        Assert.DoesNotContain("public.entries: merging what is new\n", output, StringComparison.Ordinal);
        Assert.Contains("public.entries: read 1,000 rows for a proof\n", output, StringComparison.Ordinal);
        Assert.Matches(@"\n\| public\.accounts +\| +0 \| +– \|", output);
    }

    private async Task AllowConnectionsAsync(NpgsqlDataSource server, bool allowed)
    {
        var database = new NpgsqlConnectionStringBuilder(Analytics.ConnectionString).Database;
        await using var command = server.CreateCommand($"ALTER DATABASE \"{database}\" ALLOW_CONNECTIONS {(allowed ? "true" : "false")}");
        await command.ExecuteNonQueryAsync();
    }
}
