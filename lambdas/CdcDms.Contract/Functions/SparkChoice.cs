namespace CdcDms.Contract.Functions;

/// <summary>When a table's changes are left to Spark.</summary>
public sealed record SparkChoice
{
    /// <summary>From how many bytes of waiting Parquet on: below, a function is done before Spark has started.</summary>
    public required long FromBytes { get; init; }

    /// <summary>Tables that are never left to Spark, as <c>schema.name</c>.</summary>
    public required IReadOnlyList<string> LeaveOut { get; init; }
}
