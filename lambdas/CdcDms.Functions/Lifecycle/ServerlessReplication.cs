using CdcDms.Contract.Tables;

namespace CdcDms.Functions.Lifecycle;

/// <summary>A serverless replication. It tests its connections itself and gets its capacity while it starts.</summary>
internal sealed class ServerlessReplication(DmsApi dms, string identifier) : IReplication
{
    private DmsReplication? _found;

    public string Name => $"serverless replication {identifier}";

    // Fetching metadata and providing capacity take a quarter of an hour each, and more.
    public bool StartsSlowly => true;

    private string Arn => _found?.ReplicationConfigArn ?? throw new InvalidOperationException($"The {Name} was not found.");

    public async Task<ReplicationState?> FindAsync(CancellationToken cancellationToken)
    {
        _found = await dms.FindReplicationAsync(identifier, cancellationToken);
        return _found is null ? null : new ReplicationState
        {
            Status = _found.Status,
            Phase = _found.Status switch
            {
                "created" or "ready" or "stopped" or "failed" => ReplicationPhase.Resting,
                "initializing" or "preparing_metadata_resources" or "testing_connection" or "fetching_metadata"
                    or "calculating_capacity" or "provisioning_capacity" or "replication_starting" => ReplicationPhase.Starting,
                ReplicationState.RunningStatus => ReplicationPhase.Running,
                "deleting" => ReplicationPhase.Deleting,
                _ => ReplicationPhase.Changing,
            },
            HasWorked = _found.Status == "stopped"
                || _found.RecoveryCheckpoint is { Length: > 0 }
                || DmsStatistics.ShowWork(_found.ReplicationStats),
            LoadsRows = _found.ReplicationType != TableLoads.ChangesOnly,
            Cause = _found.FailureMessages is { Count: > 0 } messages ? string.Join(" ", messages) : _found.StopReason,
        };
    }

    public async Task<bool> StartAsync(string type, string? cdcStartPosition, CancellationToken cancellationToken)
    {
        await dms.StartReplicationAsync(new StartReplication(Arn, type, cdcStartPosition), cancellationToken);
        return true;
    }

    public Task StopAsync(CancellationToken cancellationToken) => dms.StopReplicationAsync(new StopReplication(Arn), cancellationToken);

    public Task<IReadOnlyList<DmsTable>> StatisticsAsync(CancellationToken cancellationToken) =>
        dms.TablesOfReplicationAsync(Arn, cancellationToken);

    // AWS upgrades it by itself.
    public Task<DmsEngineVersion?> EngineAsync(CancellationToken cancellationToken) => Task.FromResult<DmsEngineVersion?>(null);

    public Task ReloadAsync(IReadOnlyCollection<TableName> tables, CancellationToken cancellationToken) => dms.ReloadReplicationTablesAsync(
        new ReloadReplicationTables(Arn, TableLoads.ToReload(tables)), cancellationToken);
}
