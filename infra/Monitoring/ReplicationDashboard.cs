using Amazon.CDK.AWS.CloudWatch;
using CdcDms.Contract;
using CdcDms.Infra.Databases;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Notices;
using Constructs;

namespace CdcDms.Infra.Monitoring;

/// <summary>What the dashboard shows.</summary>
internal sealed record ReplicationDashboardProps
{
    public required DeploymentEnvironment Environment { get; init; }

    public required ReplicationMetrics Replication { get; init; }

    public required BatchMetrics Batch { get; init; }

    public required IReadOnlyList<AlarmDefinition> Definitions { get; init; }

    /// <summary>The alarms that tell people.</summary>
    public required IReadOnlyList<AlarmBase> Alarms { get; init; }

    /// <summary>Why some of them may be quiet.</summary>
    public required PlannedWork PlannedWork { get; init; }

    /// <summary>The databases that are on RDS.</summary>
    public required IReadOnlyList<DatabaseMetrics> Databases { get; init; }
}

/// <summary>
/// One page for an operator: what rings and how fresh the tables are, then the way of a change from left to right, a section each. What
/// alarms watch has the value from which on they ring. Costs are a link: CloudWatch knows what AWS charges in us-east-1 alone, and of a
/// whole account (Amazon CloudWatch user guide, "Create a billing alarm"), Lambda counts no GB-seconds, and Step Functions no transitions
/// of one state machine.
/// </summary>
internal sealed class ReplicationDashboard : Dashboard
{
    private readonly ReplicationDashboardProps _props;
    private readonly WatchedGraphs _graphs;

    public ReplicationDashboard(Construct scope, string id, ReplicationDashboardProps props)
        : base(scope, id, new DashboardProps { DashboardName = MonitoringNames.Dashboard(props.Environment) })
    {
        _props = props;
        _graphs = new WatchedGraphs(props.Definitions);
        Top();
        foreach (var section in (DashboardSection[])[Source(), Replication(), Lake(), Batch(), Analytics(), Watching()])
            section.AddTo(this);
        Cost();
    }

    private void Top()
    {
        var links = new MessageLinks(_props.Environment);
        AddWidgets(DashboardSection.Text(
            $"# {MonitoringNames.Dashboard(_props.Environment)}\nGood: nothing rings, and freshness stays below its line. "
            + $"A name in *planned work* that rings is no fault: a deployment or a load is under way. [Logs]({links.Logs}). "
            + $"Runbook: {links.RunbookPage}"));
        AddWidgets(
            Status("Alarms", [.. _props.Alarms]),
            Status("Planned work", [_props.PlannedWork.UnderWay, _props.PlannedWork.Deployment, _props.PlannedWork.Load]),
            _graphs.Of("Freshness of tables (seconds)", ["freshness"], _props.Batch.Freshness)!);
    }

    private DashboardSection Source()
    {
        var source = Databases(DatabaseRole.Source);
        return new(
            "1 Source",
            "Good: the WAL that is kept goes up and down, and markers are written.",
            [
                _graphs.Of(
                    "source: WAL kept for slots (bytes)",
                    ["slot-lag"],
                    [.. source.SelectMany(database => (IMetric[])[database.Wal, database.Slots])]),
                _graphs.Of("Slots that lost WAL", ["slot-lost"]),
                _graphs.Of("Markers that were not written", ["marker-not-written"]),
                .. Server(DatabaseRole.Source),
            ]);
    }

    private DashboardSection Replication()
    {
        var metrics = _props.Replication;
        return new(
            "2 Replication",
            "Good: it runs, both latencies are flat, no change waits on disk, and the log has no errors.",
            _graphs.Of("Latency (seconds)", ["source-latency", "target-latency"]),
            _graphs.Of("Changes that wait", ["changes-on-disk-source", "changes-on-disk-target"], metrics.IncomingChanges),
            _graphs.Of("Rows written a second", [], metrics.Throughput, metrics.LoadThroughput),
            _graphs.Of("Runs (1) or stands still (0), stops", ["replication-not-running", "replication-stopped"]),
            _graphs.Of("Lines of errors in the log", ["replication-errors"]),
            _graphs.Of("Tables that are not replicated", ["tables-not-replicating"]),
            _graphs.Of("Processor or capacity in use (percent)", ["cpu", "capacity"]),
            _graphs.Of("Memory (bytes)", ["memory", "swap"]),
            _graphs.Of("Free disk (bytes)", ["storage"]));
    }

    private DashboardSection Lake() => new(
        "3 Lake",
        "Good: what comes in is merged by the next batch, and every file can be read.",
        _graphs.Of("Age of the oldest unread message of the stream (milliseconds)", ["stream-late", "stream-age"]),
        _graphs.Of("Messages that the stream refused, messages that nobody understands", ["stream-full", "stream-rejects"]),
        _graphs.Of("Oldest waiting file of tables (seconds)", ["waiting-files"]),
        _graphs.Of("Unreadable files of tables, files rejected", ["rejected-files"], _props.Batch.Rejected),
        _graphs.Of("Files and bytes read", [], _props.Batch.Read),
        _graphs.Of("Failed deletions of what is old", ["files-not-deleted"]));

    private DashboardSection Batch() => new(
        "4 Batch",
        "Good: a batch succeeds in each interval, none fails, and markers are young.",
        _graphs.Of("Batches", ["batch-missing", "batch-failed"]),
        _graphs.Of("Rows by outcome", [], _props.Batch.Rows),
        _graphs.Of("Rows merged a second", [], _props.Batch.Speed),
        _graphs.Of("Seconds of merges by phase", [], _props.Batch.Phases),
        _graphs.Of("Age of the newest marker (seconds)", ["marker-age"]),
        _graphs.Of("Markers out of order, undelivered starts", ["markers-out-of-order", "batch-undelivered"]));

    private DashboardSection Analytics() => new(
        "5 Analytics",
        "Good: no table is parked or unproven, the quarantine is empty, and proofs find nothing that differs.",
        [
            _graphs.Of("Age of a change in analytics (seconds)", ["analytics-age"]),
            _graphs.Of(
                "Tables parked, unproven, changes in quarantine",
                ["parked-table", "quarantined-rows"],
                _props.Batch.OfTables(MetricNames.TablesUnproven),
                _props.Batch.Quarantined),
            _graphs.Of("Keys that differ", ["rows-differ"], _props.Batch.Different, _props.Batch.Repaired, _props.Batch.NotJudged),
            _graphs.Of("Runs of Spark that failed", ["spark-failed"]),
            _graphs.Of("Proofs", ["not-proven", "proof-failed", "proof-missing"]),
            _graphs.Of("Age of the oldest full proof of a table (seconds)", ["proof-old"]),
            .. Server(DatabaseRole.Analytics),
        ]);

    private DashboardSection Watching() => new(
        "6 Watching",
        "Good: health checks look at everything, nothing waits in a queue, and no recovery, restart or reload has failed.",
        _graphs.Of("Health checks that saw everything", ["health-missing"]),
        _graphs.Of("Undelivered events", ["undelivered-events"]),
        _graphs.Of("Recoveries after a rollback without success", ["resume-after-rollback"]),
        _graphs.Of("Restarts without success", ["restart-failed"]),
        _graphs.Of("Reloads without success", ["reload-failed"]));

    private void Cost() => AddWidgets(DashboardSection.Text(
        "## 7 Cost\nGood: each day costs about the same. "
        + $"[Cost Explorer]({new MessageLinks(_props.Environment).CostExplorer}) knows it, by service and a day late, once "
        + "the tag `Environment` is a cost allocation tag; docs/deploy.md says what costs what."));

    private IEnumerable<GraphWidget?> Server(DatabaseRole role) => Databases(role).SelectMany(database => (GraphWidget?[])
    [
        _graphs.Of($"{Name(role)}: processor (percent)", [$"{Name(role)}-cpu"]),
        _graphs.Of($"{Name(role)}: connections", [], database.Connections),
        _graphs.Of($"{Name(role)}: free disk (bytes)", [$"{Name(role)}-storage"]),
    ]);

    private IEnumerable<DatabaseMetrics> Databases(DatabaseRole role) => _props.Databases.Where(database => database.Role == role);

    private static string Name(DatabaseRole role) => role.ToString().ToLowerInvariant();

    private static AlarmStatusWidget Status(string title, IAlarm[] alarms) =>
        new(new AlarmStatusWidgetProps { Title = title, Alarms = alarms, Width = DashboardSection.GraphWidth, Height = 6 });
}
