using CdcDms.Pipeline.Ledger;

namespace CdcDms.Pipeline.Tests.Ledger;

/// <summary>What several proofs of one table say together.</summary>
public sealed class ProofResultTests
{
    [Fact]
    public void Proofs_together_say_the_worst_that_one_of_them_says_and_count_all_keys()
    {
        var together = ProofResult.Together([Result(ProofOutcome.Proven, null, 1), Result(ProofOutcome.Different, "refused", 2)]);

        Assert.Equal((ProofOutcome.Different, "refused"), (together.Outcome, together.Cause));
        Assert.Equal(
            (30, 3, 6, 9, 12L, 15L, 18L),
            (together.Keys, together.ChangedSince, together.Explained, together.Repaired, together.Missing, together.Extra,
                together.Changed));
        Assert.Equal(["1", "2"], together.Differences.Select(difference => difference.Key["id"]));
    }

    [Fact]
    public void Proofs_of_which_one_waits_have_no_outcome_yet() =>
        Assert.Null(ProofResult.Together([Result(ProofOutcome.Different, null, 1), Result(null, null, 2)]).Outcome);

    [Fact]
    public void No_proof_at_all_found_no_difference() => Assert.Equal(ProofOutcome.Proven, ProofResult.Together([]).Outcome);

    private static ProofResult Result(ProofOutcome? outcome, string? cause, int number) => new()
    {
        Outcome = outcome,
        Cause = cause,
        Keys = 10 * number,
        ChangedSince = number,
        Explained = 2 * number,
        Repaired = 3 * number,
        Missing = 4 * number,
        Extra = 5 * number,
        Changed = 6 * number,
        Differences = [new ProvenDifference(new Dictionary<string, string> { ["id"] = $"{number}" }, DifferenceKind.Missing, [])],
    };
}
