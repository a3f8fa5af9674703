using Amazon.CDK;
using Amazon.CDK.AWS.CloudWatch;
using CdcDms.Infra.Databases;

namespace CdcDms.Infra.Monitoring;

/// <summary>
/// The metrics of a database on RDS: of an instance, or of the instance that writes in an Aurora cluster, whichever it is (Amazon Aurora
/// user guide, "Amazon CloudWatch metrics for Amazon Aurora": dimensions <c>DBClusterIdentifier</c> and <c>Role</c>).
/// </summary>
internal sealed class DatabaseMetrics
{
    private static readonly Duration Period = Duration.Minutes(5);
    private readonly Dictionary<string, string> _dimensions;

    private DatabaseMetrics(DatabaseRole role, bool isCluster, Dictionary<string, string> dimensions)
    {
        (Role, IsCluster, _dimensions) = (role, isCluster, dimensions);
    }

    public DatabaseRole Role { get; }

    /// <summary>Whether it is an Aurora cluster, whose storage grows by itself.</summary>
    public bool IsCluster { get; }

    /// <summary>Percent.</summary>
    public IMetric Cpu => Metric("CPUUtilization", Stats.MAXIMUM);

    /// <summary>Bytes.</summary>
    public IMetric FreeStorage => Metric("FreeStorageSpace", Stats.MINIMUM);

    /// <summary>Sessions. How many are too many depends on the server.</summary>
    public IMetric Connections => Metric("DatabaseConnections", Stats.MAXIMUM);

    /// <summary>Bytes that write-ahead logs take on its disk.</summary>
    public IMetric Wal => Metric("TransactionLogsDiskUsage", Stats.MAXIMUM);

    /// <summary>Bytes that changes of open transactions take on its disk for slots.</summary>
    public IMetric Slots => Metric("ReplicationSlotDiskUsage", Stats.MAXIMUM);

    /// <summary>The metrics of a database; null where the environment does not say what it is on RDS.</summary>
    public static DatabaseMetrics? Of(DatabaseRole role, DatabaseConnection database) => database switch
    {
        { RdsClusterId: { } cluster } => new(
            role, isCluster: true, new() { ["DBClusterIdentifier"] = cluster, ["Role"] = "WRITER" }),
        { RdsInstanceId: { } instance } => new(role, isCluster: false, new() { ["DBInstanceIdentifier"] = instance }),
        _ => null,
    };

    private Metric Metric(string name, string statistic) => new(new MetricProps
    {
        Namespace = "AWS/RDS",
        MetricName = name,
        DimensionsMap = _dimensions,
        Statistic = statistic,
        Period = Period,
    });
}
