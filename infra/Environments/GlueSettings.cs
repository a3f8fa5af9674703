namespace CdcDms.Infra.Environments;

/// <summary>
/// Spark on AWS Glue, which reduces a table's waiting changes to the last of each row before a function merges them. It pays where the
/// same rows have changed many times since the last batch, as after hours of standing still.
/// </summary>
public sealed record GlueSettings
{
    /// <summary>
    /// From how much waiting Parquet of a table on. Default: <see cref="Defaults.GlueFromMegabytes"/>: below, a function is done before
    /// Spark has started.
    /// </summary>
    public required int FromMegabytes { get; init; }

    /// <summary>
    /// Workers of one run, of 4 processors and 16 GB each, one of which only directs (AWS: Glue, worker type G.1X).
    /// Default: <see cref="Defaults.GlueWorkers"/>.
    /// </summary>
    public required int Workers { get; init; }

    /// <summary>
    /// Longest run; one that takes longer is ended, and functions merge alone. Default: <see cref="Defaults.GlueTimeoutMinutes"/>.
    /// </summary>
    public required int TimeoutMinutes { get; init; }

    /// <summary>Source tables that are never left to Spark, as <c>schema.name</c>. Default: none.</summary>
    public required IReadOnlyList<string> LeaveOut { get; init; }
}
