using CdcDms.Pipeline.Tests.Proofs;

namespace CdcDms.Pipeline.Tests.Ledger;

/// <summary>What the ledger keeps of a proof, and what it leaves in the target.</summary>
public sealed class ProofLedgerTests(TestServers servers) : ProofFixture(servers)
{
    [Fact]
    public async Task A_repaired_row_has_the_commit_time_of_its_proofs_marker()
    {
        await DifferentAsync();

        Assert.Equal("Different 0 0 1", await RepairedAsync(People, ["1"]));

        await AssertAnswerAsync(
            true,
            "SELECT p._cdc_committed_at = m.committed_at FROM analytics.people p, cdc.proofs f JOIN cdc.markers m ON m.id = f.marker_id");
    }

    [Fact]
    public async Task Of_a_judged_proof_the_rows_go_at_once_and_the_proof_after_90_days()
    {
        await DifferentAsync();
        await RepairedAsync(People, ["1"]);
        await AssertAnswerAsync(0L, "SELECT count(*) FROM cdc.proof_rows");

        foreach (var (days, proofs) in ((int, long)[])[(89, 2), (91, 1)])
        {
            await Analytics.ExecuteAsync($"UPDATE cdc.proofs SET judged_at = now() - interval '{days} days'");
            await RepairedAsync(People, ["1"]);
            await AssertAnswerAsync(proofs, "SELECT count(*) FROM cdc.proofs");
        }
    }

    private async Task DifferentAsync()
    {
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'ada')");
        await Lake.ChangeAsync(People, 'I', 1, 1, "Ada");
        await MergeAsync(People);
    }
}
