using CdcDms.Contract.Functions;

namespace CdcDms.Pipeline.Validation;

/// <summary>What a comparison of a table found.</summary>
/// <param name="Result">Counts and columns: nothing of it is a row's value.</param>
/// <param name="Differences">
/// Rows that differ, at most 100: the first by key, of 10,000 of them where more differ. Numbers come in the order of their values, other
/// keys in that of their letters.
/// </param>
public sealed record TableComparison(ValidateOutput Result, IReadOnlyList<RowDifference> Differences)
{
    /// <summary>Columns that one side lacks: not all values were compared.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];
}
