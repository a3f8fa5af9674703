namespace CdcDms.Contract.Tables;

/// <summary>One column's way from a change file into the target table.</summary>
public sealed record ColumnMapping
{
    /// <summary>The column's name at the source, which is its name in the change files.</summary>
    public required string From { get; init; }

    /// <summary>The column's name in the target table.</summary>
    public required string To { get; init; }

    /// <summary>The PostgreSQL type with which a missing target table is created, such as <c>numeric(12,2)</c> or <c>text[]</c>.</summary>
    public string? Type { get; init; }
}
