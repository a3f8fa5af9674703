namespace CdcDms.Pipeline.Validation;

/// <summary>How far one side of a comparison is read in a pass.</summary>
/// <param name="Ranges">The table's ranges, as they were when the comparison began.</param>
/// <param name="Next">The index of the range with which the pass goes on; the number of ranges when all are read.</param>
internal sealed record ScanPosition(IReadOnlyList<TableRange> Ranges, int Next);
