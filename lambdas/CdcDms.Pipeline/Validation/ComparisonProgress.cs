namespace CdcDms.Pipeline.Validation;

/// <summary>How far the comparison of a table is.</summary>
/// <param name="Table">The source table, <c>schema.name</c>.</param>
/// <param name="Source">The source's rows.</param>
/// <param name="Target">The rows of analytics.</param>
/// <param name="Differs">Whether all rows were read once, and the rows that differ are being looked for.</param>
public sealed record ComparisonProgress(string Table, RowsRead Source, RowsRead Target, bool Differs = false);

/// <summary>How many rows of a side were read.</summary>
/// <param name="Read">Rows that were read.</param>
/// <param name="Expected">About how many there are, as the server's last ANALYZE has it; 0 when nobody knows.</param>
public readonly record struct RowsRead(long Read, long Expected);
