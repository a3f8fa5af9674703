namespace CdcDms.Contract;

/// <summary>Names of the metrics about Spark; an environment without Spark has none of them.</summary>
public static class SparkMetricNames
{
    /// <summary>Runs of the Spark job that failed, so that functions merged alone.</summary>
    public const string RunsFailed = "SparkRunsFailed";
}
