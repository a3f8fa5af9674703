using Amazon.CDK.AWS.CloudWatch;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Notices;

namespace CdcDms.Infra.Monitoring;

/// <summary>What is watched about a database, and from which values on.</summary>
internal static class DatabaseAlarms
{
    private const double Gigabyte = 1024 * 1024 * 1024;

    public static IEnumerable<AlarmDefinition> Of(AlarmSettings alarms, DatabaseMetrics database)
    {
        var name = database.Role.ToString().ToLowerInvariant();
        if (!database.IsCluster)
            yield return new()
            {
                Name = $"{name}-storage",
                Severity = Severity.Critical,
                Meaning = $"The disk of the {name} database is almost full; the database stops when it is.",
                Metric = database.FreeStorage,
                Threshold = alarms.DatabaseFreeStorageGigabytes * Gigabyte,
                Comparison = ComparisonOperator.LESS_THAN_THRESHOLD,
            };
        yield return new()
        {
            Name = $"{name}-cpu",
            Severity = Severity.Warning,
            Meaning = $"The processor of the {name} database is busy all the time.",
            Metric = database.Cpu,
            Threshold = alarms.CpuPercent,
            Periods = 6,
        };
    }
}
