using CdcDms.Pipeline.Health;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Tests.Ledger;

namespace CdcDms.Pipeline.Tests.Health;

/// <summary>What a look says, and leaves alone, when the ledger is of the release before.</summary>
public sealed class OlderLedgerTests(TestServers servers) : MergeFixture(servers)
{
    [Fact]
    public async Task An_older_ledger_is_told_and_left_as_it_is()
    {
        await Analytics.ExecuteAsync(await File.ReadAllTextAsync(
            Path.Combine(AppContext.BaseDirectory, "Assets", "ledger-before-versions.sql"), CancellationToken.None));
        await MarkerWriter.WriteOneAsync(Analytics.ConnectionString, 60, CancellationToken.None);
        var form = await LedgerForm.ReadAsync(Analytics);

        var report = await LookAsync(Analytics.ConnectionString);

        Assert.Equal(form, await LedgerForm.ReadAsync(Analytics));
        var finding = Assert.Single(report.Findings);
        Assert.Equal(
            (HealthSeverity.Warning, "ledger-older",
                $"The ledger (schema cdc) has version 0 and this program reads version {LedgerMigration.All.Count}: "
                + "the next merge of this program's release brings the ledger to that version."),
            (finding.Severity, finding.Runbook, finding.Reason));
        Assert.Null(report.Counts);
        Assert.Empty(report.Tables);
    }

    [Fact]
    public async Task A_role_that_may_only_read_can_look_at_an_older_ledger()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);
        await Analytics.ExecuteAsync($"DELETE FROM {LedgerMigration.VersionTable} WHERE version = {LedgerMigration.All.Count}");
        var role = await ReadOnlyRole.CreateAsync(Analytics, "analytics", "cdc");
        try
        {
            var report = await LookAsync(role.ConnectionString);

            Assert.Equal(["ledger-older", "marker-not-written"], report.Findings.Select(finding => finding.Runbook).Order());
        }
        finally
        {
            await role.DropAsync();
        }
    }

    private Task<HealthReport> LookAsync(string connectionString) => new HealthJob(
        new HealthPlaces
        {
            SourceAsync = _ => Task.FromResult(connectionString),
            TargetAsync = _ => Task.FromResult(connectionString),
            Lake = Lake.Reader,
        },
        new HealthLimits(), Clock).RunAsync([People], CancellationToken.None);
}
