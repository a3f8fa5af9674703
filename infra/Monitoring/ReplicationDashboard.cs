using Amazon.CDK.AWS.CloudWatch;
using CdcDms.Infra.Databases;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Naming;
using Constructs;

namespace CdcDms.Infra.Monitoring;

/// <summary>What the dashboard shows.</summary>
internal sealed record ReplicationDashboardProps
{
    public required DeploymentEnvironment Environment { get; init; }

    public required ReplicationMetrics Replication { get; init; }

    public required BatchMetrics Batch { get; init; }

    public required IReadOnlyList<AlarmBase> Alarms { get; init; }

    /// <summary>The databases that are on RDS.</summary>
    public required IReadOnlyList<DatabaseMetrics> Databases { get; init; }
}

/// <summary>One page that shows whether changes flow and, if not, where they wait.</summary>
internal sealed class ReplicationDashboard : Dashboard
{
    public ReplicationDashboard(Construct scope, string id, ReplicationDashboardProps props)
        : base(scope, id, new DashboardProps { DashboardName = MonitoringNames.Dashboard(props.Environment) })
    {
        var (replication, batch) = (props.Replication, props.Batch);
        AddWidgets(new AlarmStatusWidget(new AlarmStatusWidgetProps { Title = "Alarms", Alarms = [.. props.Alarms], Width = 24 }));
        AddWidgets(
            Graph("Latency (seconds)", replication.SourceLatency, replication.TargetLatency),
            Graph("Changes that wait", replication.IncomingChanges, replication.SourceChangesOnDisk, replication.TargetChangesOnDisk),
            Graph("Rows written a second", replication.Throughput));
        AddWidgets(
            Graph("Age of a change in analytics (seconds)", batch.Lag, batch.Freshness, batch.MarkerAge),
            Graph("Rows by fate", batch.Rows),
            Graph("Rows merged a second", batch.Speed),
            Graph("Seconds of merges by phase", batch.Phases),
            Graph("Batches", batch.Succeeded, batch.NotSucceeded),
            Graph("Quarantined rows, rejected files", batch.Quarantined, batch.Rejected),
            Graph("Keys that proofs judged", batch.Different, batch.Repaired, batch.NotJudged));
        if (props.Environment.Replication.Compute is InstanceCompute)
            AddWidgets(
                Graph("Processor (percent)", replication.Cpu),
                Graph("Memory (bytes)", replication.FreeMemory, replication.Swap),
                Graph("Free disk (bytes)", replication.FreeStorage));
        else
            AddWidgets(Graph("Capacity in use (percent)", replication.Capacity));
        foreach (var database in props.Databases)
            AddWidgets(
            [
                .. database.Role == DatabaseRole.Source
                    ? [Graph("source: WAL kept for slots (bytes)", Wal(database))]
                    : (GraphWidget[])[],
                Graph($"{Name(database)}: processor (percent)", database.Cpu),
                Graph($"{Name(database)}: connections", database.Connections),
                .. database.IsCluster ? (GraphWidget[])[] : [Graph($"{Name(database)}: free disk (bytes)", database.FreeStorage)],
            ]);
    }

    private static IMetric[] Wal(DatabaseMetrics database) =>
        database.IsCluster ? [database.Wal, database.Slots] : [database.SlotLag, database.Wal, database.Slots];

    private static string Name(DatabaseMetrics database) => database.Role.ToString().ToLowerInvariant();

    private static GraphWidget Graph(string title, params IMetric[] metrics) =>
        new(new GraphWidgetProps { Title = title, Left = metrics, Width = 8 });
}
