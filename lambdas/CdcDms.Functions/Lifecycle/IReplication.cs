using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;

namespace CdcDms.Functions.Lifecycle;

/// <summary>A task or a serverless replication: what differs between the lifecycles of the two.</summary>
internal interface IReplication
{
    /// <summary>What the replication is called in a sentence, such as <c>task shop-1</c>.</summary>
    string Name { get; }

    /// <summary>Whether DMS takes longer for a start than a function may wait.</summary>
    bool StartsSlowly { get; }

    /// <summary>
    /// The replication's state; null when it does not exist. The other calls are about the replication that was found last.
    /// </summary>
    Task<ReplicationState?> FindAsync(CancellationToken cancellationToken);

    /// <summary>Starts the replication, or does what must come before a start.</summary>
    /// <param name="type"><c>start-replication</c> or <c>resume-processing</c>.</param>
    /// <param name="cdcStartPosition">Where to read from; null to leave it to DMS.</param>
    /// <returns>Whether the replication was started; if not, call again later.</returns>
    Task<bool> StartAsync(string type, string? cdcStartPosition, CancellationToken cancellationToken);

    /// <summary>Asks the replication to stop.</summary>
    Task StopAsync(CancellationToken cancellationToken);

    /// <summary>The tables that it captures, as it knows them by now.</summary>
    Task<IReadOnlyList<DmsTable>> StatisticsAsync(CancellationToken cancellationToken);

    /// <summary>The loads of these tables.</summary>
    async Task<IReadOnlyDictionary<TableName, TableLoad>> TablesAsync(CancellationToken cancellationToken) =>
        TableLoads.Loads(await StatisticsAsync(cancellationToken));

    /// <summary>The version of its engine; null where it has none of its own.</summary>
    Task<DmsEngineVersion?> EngineAsync(CancellationToken cancellationToken);

    /// <summary>Asks DMS to load tables again, which it does only while the replication runs. It answers before the loads begin.</summary>
    /// <param name="tables">At most ten.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task ReloadAsync(IReadOnlyCollection<TableName> tables, CancellationToken cancellationToken);
}
