namespace CdcDms.Contract.Functions;

/// <summary>What a comparison found: whether source and analytics hold the same rows.</summary>
public sealed record ValidateOutput
{
    /// <summary>The source table, <c>schema.name</c>.</summary>
    public required string Table { get; init; }

    /// <summary>Rows in the source.</summary>
    public required long SourceRows { get; init; }

    /// <summary>Rows in analytics.</summary>
    public required long TargetRows { get; init; }

    /// <summary>Rows that the source has and analytics does not.</summary>
    public required long Missing { get; init; }

    /// <summary>Rows that analytics has and the source does not.</summary>
    public required long Extra { get; init; }

    /// <summary>Rows that both have, with different values.</summary>
    public required long Changed { get; init; }

    /// <summary>
    /// Target names of the columns in which rows differ that both have; of the first 10,000 rows that differ, if there are more. Also those
    /// that one side lacks.
    /// </summary>
    public required IReadOnlyList<string> DifferentColumns { get; init; }

    /// <summary>Whether both sides have the same rows.</summary>
    public bool Identical => Missing + Extra + Changed == 0 && DifferentColumns.Count == 0;
}
