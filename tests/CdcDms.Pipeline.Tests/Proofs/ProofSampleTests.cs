using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Merging;

namespace CdcDms.Pipeline.Tests.Proofs;

/// <summary>A sample of the keys of every batch, which the next proof reads.</summary>
public sealed class ProofSampleTests(TestServers servers) : ProofFixture(servers)
{
    [Fact]
    public async Task Keys_of_a_batch_are_proven_once_deletes_included()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')", "('I', 2, 2, 'bob')", "('D', 3, 3, NULL)");
        var first = await MergeAsync(sampledKeys: 10);
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'ADA'), (2, 'bob'), (3, 'cyd')");

        Assert.Equal(3, await Proofs.AskSampleAsync(People, 10, repair: null, CancellationToken.None));
        Assert.Equal(0, await Proofs.AskSampleAsync(People, 10, repair: null, CancellationToken.None));
        await MarkersAsync(1, 100, 200);
        var judged = await MergeAsync(sampledKeys: 10);

        Assert.Null(first.Proofs);
        Assert.Equal(new JudgedProofs { Proofs = 1, KeysDifferent = 2 }, judged.Proofs);
        Assert.Equal("Changed 1 name, Missing 3", await DifferencesAsync());
    }

    [Fact]
    public async Task Of_a_large_batch_some_keys_are_noted_and_never_more_than_one_proof_takes()
    {
        await Lake.CdcAsync(People, "SELECT 'I' AS op, 1 AS v, range::INTEGER AS id, 'x' AS name FROM range(200000)");
        await MergeAsync(sampledKeys: 1000);
        await AssertAnswerAsync<bool>(true, "SELECT count(*) BETWEEN 900 AND 1000 FROM cdc.sampled_keys");

        await Analytics.ExecuteAsync(
            "INSERT INTO cdc.sampled_keys SELECT id, jsonb_build_object('id', 'k' || g) FROM cdc.tables, generate_series(1, 10000) g "
            + "WHERE target_name = 'people'");
        var before = await Analytics.ScalarAsync<long>("SELECT count(*) FROM cdc.sampled_keys");
        await ChangesAsync(People, "('I', 2, 300001, 'y')");
        await MergeAsync(sampledKeys: 1000);
        await AssertAnswerAsync(before, "SELECT count(*) FROM cdc.sampled_keys");
    }

    [Fact]
    public async Task A_merge_that_is_not_asked_for_a_sample_notes_no_key()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')");
        await MergeAsync(People);

        await AssertAnswerAsync<long>(0, "SELECT count(*) FROM cdc.sampled_keys");
        Assert.Equal(0, await Proofs.AskSampleAsync(People, 10, repair: null, CancellationToken.None));
    }

    [Fact]
    public async Task A_merge_tells_what_it_has_judged_and_what_was_repaired()
    {
        await ChangesAsync(People, "('I', 1, 1, 'ada')", "('I', 2, 2, 'bob')", "('I', 3, 3, 'cyd')");
        await MergeAsync(sampledKeys: 10);
        await Source.ExecuteAsync("INSERT INTO people VALUES (1, 'ada'), (2, 'BOB'), (3, 'cyd')");
        await Proofs.AskSampleAsync(People, 10, new ProofRepair(), CancellationToken.None);
        await ChangesAsync(People, "('U', 150, 3, 'CYD')");
        await MergeAsync(sampledKeys: 0);
        await MarkersAsync(1, 100, 200);

        Assert.Equal(
            new JudgedProofs { Proofs = 1, KeysDifferent = 1, KeysRepaired = 1, KeysNotJudged = 1 },
            (await MergeAsync(sampledKeys: 0)).Proofs);
        Assert.Equal("1=ada 2=BOB 3=CYD", await PeopleAsync());
    }

    private Task<MergeOutput> MergeAsync(int sampledKeys) =>
        Job.RunAsync(People, BatchLimits.Default with { SampledKeys = sampledKeys }, CancellationToken.None);
}
