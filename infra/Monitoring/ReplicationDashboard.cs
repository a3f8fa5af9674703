using Amazon.CDK.AWS.CloudWatch;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Stacks;

namespace CdcDms.Infra.Monitoring;

/// <summary>One page that shows whether changes flow and, if not, where they wait.</summary>
internal static class ReplicationDashboard
{
    public static void Create(OperationsStack stack, ReplicationMetrics metrics, BatchMetrics batch, IReadOnlyList<Alarm> alarms, string? rdsInstanceId)
    {
        var dashboard = new Dashboard(stack, "Dashboard", new DashboardProps { DashboardName = $"cdcdms-{stack.Settings.Name}" });
        dashboard.AddWidgets(new AlarmStatusWidget(new AlarmStatusWidgetProps { Title = "Alarms", Alarms = [.. alarms], Width = 24 }));
        dashboard.AddWidgets(
            Graph("Latency (seconds)", metrics.SourceLatency, metrics.TargetLatency),
            Graph("Changes that wait", metrics.IncomingChanges, metrics.SourceChangesOnDisk, metrics.TargetChangesOnDisk),
            Graph("Rows written a second", metrics.Throughput));
        dashboard.AddWidgets(
            Graph("Age of a change in analytics (seconds)", batch.Lag),
            Graph("Rows by fate", batch.Rows),
            Graph("Rows merged a second", batch.Speed),
            Graph("Batches", batch.Succeeded, batch.NotSucceeded),
            Graph("Quarantined rows, rejected files", batch.Quarantined, batch.Rejected),
            Graph("Tables that differ", batch.Mismatch));
        if (stack.Settings.Replication.Compute is InstanceCompute)
            dashboard.AddWidgets(
                Graph("Processor (percent)", metrics.Cpu),
                Graph("Memory (bytes)", metrics.FreeMemory, metrics.Swap),
                Graph("Free disk (bytes)", metrics.FreeStorage));
        if (rdsInstanceId is not null)
            dashboard.AddWidgets(Graph("WAL kept for the slowest slot (bytes)", ReplicationMetrics.SlotLag(rdsInstanceId)));
    }

    private static GraphWidget Graph(string title, params IMetric[] metrics) => new(new GraphWidgetProps { Title = title, Left = metrics, Width = 8 });
}
