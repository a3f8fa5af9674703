using CdcDms.Local.Workflow;
using CdcDms.Testing;
using Npgsql;

namespace CdcDms.Local.Tests.Workflow;

/// <summary>Executions of the workflow that run at the same time.</summary>
public sealed class OverlappingWorkflowTests(TestServers servers) : WorkflowFixture(servers)
{
    [Fact]
    public async Task A_table_that_another_execution_merges_is_left_to_it_and_the_others_are_merged()
    {
        await using var workflow = await StartMergedAsync();
        await Source.ExecuteAsync("UPDATE accounts SET balance = balance + 1; UPDATE entries SET amount = amount + 1");
        await CaptureAsync();
        await using var reader = await Analytics.OpenAsync();
        await using var transaction = await reader.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("LOCK TABLE analytics.accounts IN SHARE MODE", reader))
            await hold.ExecuteNonQueryAsync();

        var first = RunAsync(workflow, tables: [(await TablesAsync())[0]]);
        await UntilAsync(first, "SELECT EXISTS (SELECT FROM cdc.leases)");
        var second = Assert.IsType<WorkflowSucceeded>(await RunAsync(workflow));

        Assert.Equal(["public.accounts", "public.entries"], second.Tables.Select(table => table.Table));
        Assert.StartsWith(
            "Another execution is merging public.accounts, local:cdcdms-dev-batch-table:",
            second.Tables[0].LeftAlone,
            StringComparison.Ordinal);
        Assert.Null(second.Tables[1].LeftAlone);
        Assert.Empty(Events.OfType<PeopleTold>());
        Assert.False(first.IsCompleted);
        await transaction.RollbackAsync();
        Assert.Null(Assert.Single(Assert.IsType<WorkflowSucceeded>(await first).Tables).LeftAlone);
        await AssertIdenticalAsync();
    }

    [Fact]
    public async Task A_table_of_an_execution_that_died_is_merged_by_the_first_one_after_the_lease_has_ended()
    {
        await using var workflow = await StartMergedAsync();
        await Source.ExecuteAsync("UPDATE accounts SET balance = balance + 1");
        await CaptureAsync();
        await Analytics.ExecuteAsync(
            "INSERT INTO cdc.leases SELECT id, 'dead', now() + interval '1 hour' FROM cdc.tables WHERE target_name = 'accounts'");

        var during = Assert.IsType<WorkflowSucceeded>(await RunAsync(workflow));
        await Analytics.ExecuteAsync("UPDATE cdc.leases SET ends_at = now()");
        var after = await RunAsync(workflow);

        Assert.Contains("public.accounts, dead: the table is left to it", during.Tables[0].LeftAlone, StringComparison.Ordinal);
        await AssertMergedAsync(after);
        Assert.All(Assert.IsType<WorkflowSucceeded>(after).Tables, table => Assert.Null(table.LeftAlone));
        Assert.False(await Analytics.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM cdc.leases)"));
    }

    [Fact]
    public async Task Two_executions_that_begin_at_once_merge_everything_and_no_row_twice()
    {
        await CaptureAsync();
        await Source.ExecuteAsync("DELETE FROM accounts WHERE id <= 100; UPDATE entries SET amount = amount + 1");
        await CaptureAsync();
        await using var workflow = await StartAsync();

        var results = await Task.WhenAll(RunAsync(workflow), RunAsync(workflow));

        Assert.All(results, result => Assert.IsType<WorkflowSucceeded>(result));
        await AssertMergedAsync(await RunAsync(workflow));
    }

    private async Task UntilAsync(Task running, string condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await Analytics.ScalarAsync<bool>(condition))
        {
            Assert.False(running.IsCompleted, "The execution ended before anything held it up.");
            deadline.Token.ThrowIfCancellationRequested();
        }
    }
}
