using CdcDms.Pipeline.Ledger;

namespace CdcDms.Pipeline.Tests.Ledger;

/// <summary>Why a proof that waits will never be judged, by what is known of its markers.</summary>
public sealed class OpenProofTests
{
    [Theory]
    [InlineData("waits", null)]
    [InlineData("waits, has come", null)]
    [InlineData("waits, has rejected files", null)]
    [InlineData("is due, has come, is a day old, has rejected files", null)]
    [InlineData(
        "is due, has come, is a day old, is of an older generation",
        "A newer generation has begun since the rows were read; ask for another proof.")]
    [InlineData("was overtaken", "Its second marker was lost on its way through the lake; ask for another proof.")]
    [InlineData(
        "is a day old, has rejected files",
        "Its second marker did not come through the lake within a day: it was written at another source, or the task does not run; "
            + "look at the age of the newest marker.")]
    [InlineData(
        "is a day old, has come, has rejected files",
        "The table has rejected files, which may hold changes from before the marker: cure them (a.parquet is the first) and "
            + "resume the table.")]
    [InlineData(
        "is a day old, has come",
        "For a day no marker came through the lake in time, so nobody knows what is still on its way: look at the task's latency.")]
    public void A_proof_that_will_never_be_judged_says_why(string known, string? why) => Assert.Equal(
        why,
        new OpenProof
        {
            Id = 1,
            Version = null,
            CommittedUtc = null,
            Repair = null,
            Columns = [],
            IsDue = known.Contains("is due", StringComparison.Ordinal),
            HasCome = known.Contains("has come", StringComparison.Ordinal),
            IsOfOlderGeneration = known.Contains("older generation", StringComparison.Ordinal),
            WasOvertaken = known.Contains("was overtaken", StringComparison.Ordinal),
            IsADayOld = known.Contains("a day old", StringComparison.Ordinal),
            RejectedFile = known.Contains("rejected files", StringComparison.Ordinal) ? "a.parquet" : null,
        }.Hopeless);
}
