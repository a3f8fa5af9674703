namespace CdcDms.Contract.Functions;

/// <summary>When a table's changes are left to Spark.</summary>
public sealed record SparkChoice
{
    /// <summary>From how many bytes of waiting Parquet on: below, a function is done before Spark has started.</summary>
    public required long FromBytes { get; init; }

    /// <summary>
    /// Most files of one plan, whose footers are fetched within a function's time and storage; the next plan has the others. Default:
    /// 5,000.
    /// </summary>
    public int MostFiles { get; set; } = 5_000;

    /// <summary>
    /// How long a run takes at most, waiting for workers included: as long other executions leave the table to the one that planned.
    /// </summary>
    public required int LongestRunMinutes { get; init; }

    /// <summary>Tables that are never left to Spark, as <c>schema.name</c>.</summary>
    public required IReadOnlyList<string> LeaveOut { get; init; }
}
