using System.Text.Json.Serialization.Metadata;
using CdcDms.Aws;

namespace CdcDms.Functions.Lifecycle;

/// <summary>The operations of the DMS API that a replication's lifecycle needs, in the API's own protocol (JSON 1.1).</summary>
/// <remarks>Every operation throws <see cref="AwsException"/> when the API refuses it or does not answer.</remarks>
internal sealed class DmsApi(AwsApi aws)
{
    private const string NotFound = "ResourceNotFoundFault";

    // The most that a page has (docs/dms-contract.md#sources).
    private const int MostRecords = 500;
    private const int MostEngineVersions = 100;

    private readonly AwsJsonApi _json = new(aws, "1.1", "AmazonDMSv20160101");

    /// <summary>The task with an identifier; null when there is none.</summary>
    public async Task<DmsTask?> FindTaskAsync(string identifier, CancellationToken cancellationToken) =>
        (await FindAsync(
            "DescribeReplicationTasks",
            new DescribeTasks([new("replication-task-id", [identifier])]),
            DmsJson.Default.DescribeTasks,
            DmsJson.Default.DescribedTasks,
            cancellationToken))?.ReplicationTasks?.SingleOrDefault();

    /// <summary>The serverless replication with an identifier; null when there is none.</summary>
    public async Task<DmsReplication?> FindReplicationAsync(string identifier, CancellationToken cancellationToken) =>
        (await FindAsync(
            "DescribeReplications",
            new DescribeReplications([new("replication-config-id", [identifier])]),
            DmsJson.Default.DescribeReplications,
            DmsJson.Default.DescribedReplications,
            cancellationToken))?.Replications?.SingleOrDefault();

    /// <summary>The last test of a connection; null when there was none.</summary>
    public async Task<DmsConnection?> FindConnectionAsync(string instanceArn, string endpointArn, CancellationToken cancellationToken) =>
        (await FindAsync(
            "DescribeConnections",
            new DescribeConnections([new("endpoint-arn", [endpointArn]), new("replication-instance-arn", [instanceArn])]),
            DmsJson.Default.DescribeConnections,
            DmsJson.Default.DescribedConnections,
            cancellationToken))?.Connections?.SingleOrDefault(connection =>
                connection.EndpointArn == endpointArn && connection.ReplicationInstanceArn == instanceArn);

    /// <summary>The tables of a task; none before it has read them.</summary>
    public Task<IReadOnlyList<DmsTable>> TablesOfTaskAsync(string taskArn, CancellationToken cancellationToken) => EveryPageAsync(
        async marker =>
        {
            var page = await FindAsync(
                "DescribeTableStatistics",
                new DescribeTaskTables(taskArn, MostRecords, marker),
                DmsJson.Default.DescribeTaskTables,
                DmsJson.Default.DescribedTaskTables,
                cancellationToken);
            return (page?.TableStatistics, page?.Marker);
        });

    /// <summary>The tables of a serverless replication; none before it has read them.</summary>
    public Task<IReadOnlyList<DmsTable>> TablesOfReplicationAsync(string configArn, CancellationToken cancellationToken) => EveryPageAsync(
        async marker =>
        {
            var page = await FindAsync(
                "DescribeReplicationTableStatistics",
                new DescribeReplicationTables(configArn, MostRecords, marker),
                DmsJson.Default.DescribeReplicationTables,
                DmsJson.Default.DescribedReplicationTables,
                cancellationToken);
            return (page?.ReplicationTableStatistics, page?.Marker);
        });

    /// <summary>The engine of a replication instance, without dates where DMS lists its version no more; null without one.</summary>
    public async Task<DmsEngineVersion?> FindEngineAsync(string instanceArn, CancellationToken cancellationToken)
    {
        var version = (await FindAsync(
            "DescribeReplicationInstances",
            new DescribeInstances([new("replication-instance-arn", [instanceArn])]),
            DmsJson.Default.DescribeInstances,
            DmsJson.Default.DescribedInstances,
            cancellationToken))?.ReplicationInstances?.SingleOrDefault()?.EngineVersion;
        if (version is null)
            return null;
        var versions = await EveryPageAsync(
            async marker =>
            {
                var page = await FindAsync(
                    "DescribeEngineVersions",
                    new DescribeEngineVersions(MostEngineVersions, marker),
                    DmsJson.Default.DescribeEngineVersions,
                    DmsJson.Default.DescribedEngineVersions,
                    cancellationToken);
                return (page?.EngineVersions, page?.Marker);
            });
        return versions.FirstOrDefault(one => one.Version == version) ?? new DmsEngineVersion(version, null, null, null);
    }

    public Task ReloadTaskTablesAsync(ReloadTaskTables request, CancellationToken cancellationToken) =>
        _json.CallAsync("ReloadTables", request, DmsJson.Default.ReloadTaskTables, DmsJson.Default.Accepted, cancellationToken);

    public Task ReloadReplicationTablesAsync(ReloadReplicationTables request, CancellationToken cancellationToken) => _json.CallAsync(
        "ReloadReplicationTables", request, DmsJson.Default.ReloadReplicationTables, DmsJson.Default.Accepted, cancellationToken);

    public Task TestConnectionAsync(TestConnection request, CancellationToken cancellationToken) =>
        _json.CallAsync("TestConnection", request, DmsJson.Default.TestConnection, DmsJson.Default.Accepted, cancellationToken);

    public Task StartTaskAsync(StartTask request, CancellationToken cancellationToken) =>
        _json.CallAsync("StartReplicationTask", request, DmsJson.Default.StartTask, DmsJson.Default.Accepted, cancellationToken);

    public Task StopTaskAsync(StopTask request, CancellationToken cancellationToken) =>
        _json.CallAsync("StopReplicationTask", request, DmsJson.Default.StopTask, DmsJson.Default.Accepted, cancellationToken);

    public Task StartReplicationAsync(StartReplication request, CancellationToken cancellationToken) =>
        _json.CallAsync("StartReplication", request, DmsJson.Default.StartReplication, DmsJson.Default.Accepted, cancellationToken);

    public Task StopReplicationAsync(StopReplication request, CancellationToken cancellationToken) =>
        _json.CallAsync("StopReplication", request, DmsJson.Default.StopReplication, DmsJson.Default.Accepted, cancellationToken);

    private static async Task<IReadOnlyList<T>> EveryPageAsync<T>(
        Func<string?, Task<(IReadOnlyList<T>? Page, string? Marker)>> read)
    {
        var all = new List<T>();
        for (string? marker = null; ;)
        {
            (var page, marker) = await read(marker);
            all.AddRange(page ?? []);
            if (marker is not { Length: > 0 })
                return all;
        }
    }

    // DMS answers a filter that matches nothing with a fault; an empty list means the same.
    private async Task<TAnswer?> FindAsync<TRequest, TAnswer>(
        string operation,
        TRequest request,
        JsonTypeInfo<TRequest> requestType,
        JsonTypeInfo<TAnswer> answerType,
        CancellationToken cancellationToken)
        where TAnswer : class
    {
        try
        {
            return await _json.CallAsync(operation, request, requestType, answerType, cancellationToken);
        }
        catch (AwsException missing) when (missing.Code == NotFound)
        {
            return null;
        }
    }
}
