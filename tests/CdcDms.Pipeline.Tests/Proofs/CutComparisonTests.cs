using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Proofs;
using CdcDms.Pipeline.Validation;

namespace CdcDms.Pipeline.Tests.Proofs;

/// <summary>Which comparisons leave nothing unknown.</summary>
public sealed class CutComparisonTests
{
    [Theory]
    [InlineData(5, 3, 3, true)]
    [InlineData(5, 0, 0, true)]
    [InlineData(5, 3, 2, false)]
    [InlineData(100_001, 3, 3, false)]
    public void Rows_that_are_only_counted_or_have_no_key_are_not_proven_and_those_that_no_longer_differ_are(
        int counted, int read, int keys, bool hasAll)
    {
        var result = new ValidateOutput
        {
            Table = "people",
            SourceRows = 9,
            TargetRows = 9,
            Missing = 1,
            Extra = 1,
            Changed = counted - 2,
            DifferentColumns = [],
        };
        var row = new RowDifference { Kind = DifferenceKind.Missing, Key = new Dictionary<string, string?> { ["id"] = "1" }, Columns = [] };
        var compared = new TableComparison(result, [.. Enumerable.Repeat(row, read)]);

        Assert.Equal(hasAll, FullProof.HasAll(compared, [.. Enumerable.Repeat((string[])["1"], keys)], FullProof.Limits));
    }
}
