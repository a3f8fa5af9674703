using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Tests.Ledger;

/// <summary>What batches of one table say to one another through the ledger.</summary>
public sealed class TableLedgerTests(TestServers servers) : MergeFixture(servers)
{
    [Fact]
    public async Task Batches_that_only_fill_gaps_run_side_by_side_and_any_other_alone()
    {
        await MergeAsync(People);

        Assert.True(await FitsBesideAsync(shared: true, alsoShared: true));
        Assert.False(await FitsBesideAsync(shared: true, alsoShared: false));
        Assert.False(await FitsBesideAsync(shared: false, alsoShared: true));
        Assert.False(await FitsBesideAsync(shared: false, alsoShared: false));
    }

    [Fact]
    public async Task A_batch_whose_server_has_ended_it_ends_without_another_fault_and_halves_what_it_was_cut_to()
    {
        await MergeAsync(People);
        await using var lost = await OpenAsync();
        var ledger = await TableLedger.OpenAsync(lost, People.TargetName, CancellationToken.None);
        var begun = await ledger.Attempts.BeginAsync(Lake.Uri, files: 4000, bytes: 1 << 30, CancellationToken.None);
        var cut = await begun.CutAsync(files: 1000, bytes: 1 << 20, CancellationToken.None);
        await Analytics.ExecuteAsync($"SELECT pg_terminate_backend({lost.ProcessID}, 10000)");

        await cut.EndAsync(ranOut: false);

        await using var other = await OpenAsync();
        Assert.Equal(new BatchBound(500, 1 << 19), await new AttemptLedger(other, ledger.Id).BoundAsync(CancellationToken.None));
    }

    /// <summary>Whether a batch gets its lock while another has its own.</summary>
    private async Task<bool> FitsBesideAsync(bool shared, bool alsoShared)
    {
        await using var first = await OpenAsync();
        await using var second = await OpenAsync();
        await using var held = await first.BeginTransactionAsync();
        await using var wanted = await second.BeginTransactionAsync();
        await (await TableLedger.OpenAsync(first, People.TargetName, CancellationToken.None)).LockAsync(shared, CancellationToken.None);
        await second.ExecuteAsync("SET LOCAL lock_timeout = 50", CancellationToken.None);
        try
        {
            await (await TableLedger.OpenAsync(second, People.TargetName, CancellationToken.None))
                .LockAsync(alsoShared, CancellationToken.None);
            return true;
        }
        catch (CdcDmsException fault) when (fault.Kind is ErrorKind.Unavailable)
        {
            return false;
        }
    }

    private Task<NpgsqlConnection> OpenAsync() => Database.OpenAsync(Analytics.ConnectionString, "analytics", CancellationToken.None);
}
