using CdcDms.Contract.Functions;

namespace CdcDms.Pipeline.Validation;

/// <summary>What a comparison of a table found.</summary>
/// <param name="Result">Counts and columns: nothing of it is a row's value.</param>
/// <param name="Differences">The first rows that differ, at most 100.</param>
public sealed record TableComparison(ValidateOutput Result, IReadOnlyList<RowDifference> Differences);
