using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Proofs;

namespace CdcDms.Pipeline.Tests.Proofs;

/// <summary>Whose comparison goes on, and what it may say of what has happened meanwhile.</summary>
public sealed class ComparisonRunTests(TestServers servers) : ComparisonCallsFixture(servers)
{
    [Fact]
    public async Task Two_calls_that_compare_one_table_at_once_do_not_mix_what_they_have_read()
    {
        await FilledAsync(People);
        await UntilAsync(People, "Sums", Small);
        var others = 0;
        var slow = JobOf(Small, () =>
        {
            if (others++ == 0)
                CallAsync(People, Small, statements: 3).GetAwaiter().GetResult();
            return false;
        });

        var fault = await Assert.ThrowsAsync<CdcDmsException>(
            () => slow.AskAllAsync(People, new ProofRepair(), CancellationToken.None));

        Assert.Equal(
            (ErrorKind.Conflict, "public.people is compared by another call; wait until that has ended, and compare again."),
            (fault.Kind, fault.Message));
        Assert.Equal(Rows, (await ToTheEndAsync(People, 100, Small)).Full.Compared.SourceRows);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Another_run_does_not_take_what_one_has_read_and_begins_once_that_one_is_silent_or_gives_up(bool isGivenUp)
    {
        await FilledAsync(People);
        await UntilAsync(People, "Sums", Small);
        // It has read these rows already.
        await Analytics.ExecuteAsync("DELETE FROM analytics.people WHERE id <= 100");
        var other = JobOf(Small, () => true, run: "other");

        var fault = await Assert.ThrowsAsync<CdcDmsException>(
            () => other.AskAllAsync(People, new ProofRepair(), CancellationToken.None));
        if (isGivenUp)
            await JobOf(Small, () => true).GiveUpAsync(People, CancellationToken.None);
        else
            await Analytics.ExecuteAsync("UPDATE cdc.comparisons SET saved_at = now() - interval '31 minutes'");
        var full = await other.AskAllAsync(People, new ProofRepair(), CancellationToken.None);

        Assert.StartsWith(
            "Another comparison of the same table goes on; wait until it has ended.", fault.Message, StringComparison.Ordinal);
        Assert.Equal((ErrorKind.Conflict, 100), (fault.Kind, full.Keys));
    }

    [Fact]
    public async Task A_row_that_only_the_target_has_is_found_although_an_older_change_moves_it_while_the_table_is_compared()
    {
        await FilledAsync(People);
        // As after a TRUNCATE, which is not in the stream: changes from before are on their way.
        await Source.ExecuteAsync("DELETE FROM people WHERE id = 1");
        var moves = 0;
        var full = await JobOf(Small, () =>
        {
            if (moves++ < 60)
                Analytics.ExecuteAsync($"UPDATE analytics.people SET name = 'older {moves}' WHERE id = 1").GetAwaiter().GetResult();
            return true;
        }).AskAllAsync(People, new ProofRepair(), CancellationToken.None);

        Assert.True(moves > 20);
        Assert.Equal((ComparisonMore.Nothing, 1, 1), (full.More, full.Compared.Extra, full.Keys));
    }

    [Fact]
    public async Task What_one_call_does_not_end_is_read_from_its_beginning_once_merges_have_brought_its_marker()
    {
        await FilledAsync(People);
        await Source.ExecuteAsync("DELETE FROM people WHERE id = 1");
        const string Saved = "SELECT concat_ws(' ', state ->> 'Phase', (SELECT count(*) FROM cdc.comparison_parts)) FROM cdc.comparisons";

        var first = await CallAsync(People, Small, statements: 30);
        // A change from before the marker comes late, and moves a row that was read.
        await Analytics.ExecuteAsync("UPDATE analytics.people SET name = 'older' WHERE id = 1");
        var early = await CallAsync(People, Small, statements: 1000);
        await AssertAnswerAsync("Waiting 0", Saved);
        var (full, _) = await ToTheEndAsync(People, 1000, Small);

        Assert.Equal((ComparisonMore.Merges, ComparisonMore.Merges), (first.More, early.More));
        Assert.Equal((1, 1), (full.Compared.Extra, full.Keys));
    }

    [Fact]
    public async Task A_comparison_of_an_older_generation_does_not_prove_a_newer_one()
    {
        await FilledAsync(People);
        await Analytics.ExecuteAsync("UPDATE analytics.people SET name = 'other' WHERE id % 100 = 1");
        await UntilAsync(People, "Keys", Small);
        await GoOnUntilAsync(People, "Hashes", Small);
        await AllJudgedAsync();
        await Analytics.ExecuteAsync("UPDATE analytics.people SET name = 'name ' || id WHERE name = 'other'");
        var began = 0;

        var full = await JobOf(Small, () =>
        {
            if (began++ == 0)
                GenerationBeginsAsync(2).GetAwaiter().GetResult();
            return true;
        }).AskAllAsync(People, new ProofRepair(), CancellationToken.None);

        Assert.Equal((ComparisonMore.Nothing, true), (full.More, full.Proofs.Count > 0));
        await AssertAnswerAsync<long>(0, "SELECT count(*) FROM cdc.proofs WHERE outcome IS NULL");
        await AssertAnswerAsync(0, "SELECT coalesce(max(proven_generation), 0) FROM cdc.tables WHERE target_name = 'people'");
    }

    [Fact]
    public async Task A_source_that_was_restored_and_does_not_know_the_marker_is_compared_anew()
    {
        await FilledAsync(People);
        await CallAsync(People, Small, statements: 3);
        var before = await BeganAsync();
        await Source.ExecuteAsync("DELETE FROM cdcdms.settled");

        await CallAsync(People, Small, statements: 3);

        Assert.NotEqual(before, await BeganAsync());
    }

    [Fact]
    public async Task What_a_comparison_without_repair_has_found_is_found_again_by_one_that_repairs()
    {
        await FilledAsync(People);
        await Analytics.ExecuteAsync("UPDATE analytics.people SET name = 'other' WHERE id = 1");
        await LookAsync();
        await DueAsync(People);
        while (await Analytics.ScalarAsync<string>("SELECT state ->> 'Phase' FROM cdc.comparisons") != "Keys")
            await LookAsync();

        Assert.Equal(1, (await ToTheEndAsync(People, 1000, Small)).Full.Keys);
        await AllJudgedAsync();

        await AssertAnswerAsync("name 1", "SELECT name FROM analytics.people WHERE id = 1");

        Task<FullProof> LookAsync()
        {
            var left = 1;
            return JobOf(Small, () => Interlocked.Decrement(ref left) >= 0).AskAllAsync(People, repair: null, CancellationToken.None);
        }
    }
}
