namespace CdcDms.Pipeline.Validation;

/// <summary>One side of a comparison: its scan, its columns and the statements that read these.</summary>
internal sealed record ComparedSide(TableScan Scan, IReadOnlyList<ComparedValue> Values, ScanSql Sql);
