namespace CdcDms.Contract.Functions;

/// <summary>Output of the validate function: whether source and analytics hold the same rows.</summary>
public sealed record ValidateOutput
{
    /// <summary>The source table, <c>schema.name</c>.</summary>
    public required string Table { get; init; }

    /// <summary>Rows in the source.</summary>
    public required long SourceRows { get; init; }

    /// <summary>Rows in analytics.</summary>
    public required long TargetRows { get; init; }

    /// <summary>Target names of the columns whose values differ; empty when all are equal.</summary>
    public required IReadOnlyList<string> DifferentColumns { get; init; }

    /// <summary>Whether the row counts and every column's fingerprint are equal.</summary>
    public bool Identical => SourceRows == TargetRows && DifferentColumns.Count == 0;
}
