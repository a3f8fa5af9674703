using CdcDms.Contract;
using CdcDms.Contract.Tables;

namespace CdcDms.Functions.Lifecycle;

/// <summary>A replication task on an instance.</summary>
internal sealed class TaskReplication(DmsApi dms, string identifier) : IReplication
{
    private readonly HashSet<string> _testedEndpoints = [];
    private DmsTask? _found;

    public string Name => $"task {identifier}";

    public bool StartsSlowly => false;

    private DmsTask Found => _found ?? throw new InvalidOperationException($"The {Name} was not found.");

    public async Task<ReplicationState?> FindAsync(CancellationToken cancellationToken)
    {
        _found = await dms.FindTaskAsync(identifier, cancellationToken);
        return _found is null ? null : new ReplicationState
        {
            Status = _found.Status,
            Phase = _found.Status switch
            {
                "ready" or "stopped" or "failed" or "failed-move" => ReplicationPhase.Resting,
                "starting" => ReplicationPhase.Starting,
                ReplicationState.RunningStatus => ReplicationPhase.Running,
                "deleting" => ReplicationPhase.Deleting,
                _ => ReplicationPhase.Changing,
            },
            HasWorked = _found.Status == "stopped"
                || _found.RecoveryCheckpoint is { Length: > 0 }
                || DmsStatistics.ShowWork(_found.ReplicationTaskStats),
            LoadsRows = _found.MigrationType != TableLoads.ChangesOnly,
            Cause = _found.LastFailureMessage ?? _found.StopReason,
        };
    }

    /// <inheritdoc/>
    /// <remarks>
    /// DMS starts a task only after a successful test of both connections, and forgets a test when the endpoint is modified.
    /// </remarks>
    public async Task<bool> StartAsync(string type, string? cdcStartPosition, CancellationToken cancellationToken)
    {
        var sourceConnects = await TestAsync("source", Found.SourceEndpointArn, cancellationToken);
        var targetConnects = await TestAsync("target", Found.TargetEndpointArn, cancellationToken);
        if (!sourceConnects || !targetConnects)
            return false;
        await dms.StartTaskAsync(new StartTask(Found.ReplicationTaskArn, type, cdcStartPosition), cancellationToken);
        return true;
    }

    public Task StopAsync(CancellationToken cancellationToken) =>
        dms.StopTaskAsync(new StopTask(Found.ReplicationTaskArn), cancellationToken);

    public Task<IReadOnlyList<DmsTable>> StatisticsAsync(CancellationToken cancellationToken) =>
        dms.TablesOfTaskAsync(Found.ReplicationTaskArn, cancellationToken);

    public Task<DmsEngineVersion?> EngineAsync(CancellationToken cancellationToken) =>
        dms.FindEngineAsync(Found.ReplicationInstanceArn, cancellationToken);

    public Task ReloadAsync(IReadOnlyCollection<TableName> tables, CancellationToken cancellationToken) => dms.ReloadTaskTablesAsync(
        new ReloadTaskTables(Found.ReplicationTaskArn, TableLoads.ToReload(tables)), cancellationToken);

    private async Task<bool> TestAsync(string side, string endpointArn, CancellationToken cancellationToken)
    {
        if (!_testedEndpoints.Contains(endpointArn))
        {
            await dms.TestConnectionAsync(new TestConnection(Found.ReplicationInstanceArn, endpointArn), cancellationToken);
            _testedEndpoints.Add(endpointArn);
        }

        var connection = await dms.FindConnectionAsync(Found.ReplicationInstanceArn, endpointArn, cancellationToken);
        return connection?.Status == "failed"
            ? throw new CdcDmsException(
                ErrorKind.Unavailable,
                $"The replication instance cannot connect to the {side} endpoint of the {Name} ({endpointArn}): "
                    + connection.LastFailureMessage)
            : connection?.Status == "successful";
    }
}
