using System.Text.Json;
using System.Text.Json.Serialization;

namespace CdcDms.Functions.Lifecycle;

// The parts of the messages of the DMS API of 2016-01-01 that are used (docs/dms-contract.md#sources). The rest of an answer is skipped.

internal sealed record Filter(string Name, IReadOnlyList<string> Values);

internal sealed record DescribeTasks(IReadOnlyList<Filter> Filters, bool WithoutSettings = true);

internal sealed record DescribeReplications(IReadOnlyList<Filter> Filters);

internal sealed record DescribeConnections(IReadOnlyList<Filter> Filters);

internal sealed record TestConnection(string ReplicationInstanceArn, string EndpointArn);

internal sealed record DescribeTaskTables(string ReplicationTaskArn, int MaxRecords, string? Marker);

internal sealed record DescribeReplicationTables(string ReplicationConfigArn, int MaxRecords, string? Marker);

internal sealed record ReloadTaskTables(string ReplicationTaskArn, IReadOnlyList<TableToReload> TablesToReload);

internal sealed record ReloadReplicationTables(string ReplicationConfigArn, IReadOnlyList<TableToReload> TablesToReload);

internal sealed record TableToReload(string SchemaName, string TableName);

internal sealed record StartTask(string ReplicationTaskArn, string StartReplicationTaskType, string? CdcStartPosition);

internal sealed record StopTask(string ReplicationTaskArn);

internal sealed record StartReplication(string ReplicationConfigArn, string StartReplicationType, string? CdcStartPosition);

internal sealed record StopReplication(string ReplicationConfigArn);

internal sealed record DescribedTasks(IReadOnlyList<DmsTask>? ReplicationTasks);

internal sealed record DmsTask(
    string ReplicationTaskArn,
    string SourceEndpointArn,
    string TargetEndpointArn,
    string ReplicationInstanceArn,
    string Status,
    string? StopReason,
    string? LastFailureMessage,
    string? RecoveryCheckpoint,
    string? MigrationType,
    DmsStatistics? ReplicationTaskStats);

internal sealed record DescribedReplications(IReadOnlyList<DmsReplication>? Replications);

internal sealed record DmsReplication(
    string ReplicationConfigArn,
    string Status,
    string? StopReason,
    IReadOnlyList<string>? FailureMessages,
    string? RecoveryCheckpoint,
    string? ReplicationType,
    DmsStatistics? ReplicationStats);

internal sealed record DmsStatistics(int FullLoadProgressPercent, int TablesLoaded, int TablesLoading)
{
    public static bool ShowWork(DmsStatistics? statistics) =>
        statistics is { FullLoadProgressPercent: > 0 } or { TablesLoaded: > 0 } or { TablesLoading: > 0 };
}

internal sealed record DescribedConnections(IReadOnlyList<DmsConnection>? Connections);

internal sealed record DmsConnection(string ReplicationInstanceArn, string EndpointArn, string Status, string? LastFailureMessage);

internal sealed record DescribedTaskTables(IReadOnlyList<DmsTable>? TableStatistics, string? Marker);

internal sealed record DescribedReplicationTables(IReadOnlyList<DmsTable>? ReplicationTableStatistics, string? Marker);

internal sealed record DmsTable(
    string SchemaName,
    string TableName,
    string? TableState,
    long FullLoadErrorRows,
    long FullLoadCondtnlChkFailedRows,
    DateTime? FullLoadStartTime,
    DateTime? FullLoadEndTime,
    long FullLoadRows,
    long Inserts,
    long Updates,
    long Deletes,
    long Ddls);

internal sealed record DescribeInstances(IReadOnlyList<Filter> Filters);

internal sealed record DescribedInstances(IReadOnlyList<DmsInstance>? ReplicationInstances);

internal sealed record DmsInstance(string? EngineVersion);

internal sealed record DescribeEngineVersions(int MaxRecords, string? Marker);

internal sealed record DescribedEngineVersions(IReadOnlyList<DmsEngineVersion>? EngineVersions, string? Marker);

/// <param name="AutoUpgradeDate">Only with automatic minor upgrades.</param>
internal sealed record DmsEngineVersion(
    string? Version, DateTime? AutoUpgradeDate, DateTime? DeprecationDate, DateTime? ForceUpgradeDate);

/// <summary>An answer of which nothing is used.</summary>
internal sealed record Accepted;

/// <summary>The protocol's form of a time: seconds since 1970, with a fraction.</summary>
internal sealed class EpochSeconds : JsonConverter<DateTime>
{
    public override DateTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        DateTime.UnixEpoch.AddMilliseconds(Math.Round(reader.GetDouble() * 1000));

    public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options) =>
        writer.WriteNumberValue((value - DateTime.UnixEpoch).TotalSeconds);
}

[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = [typeof(EpochSeconds)])]
[JsonSerializable(typeof(DescribeTasks))]
[JsonSerializable(typeof(DescribeReplications))]
[JsonSerializable(typeof(DescribeConnections))]
[JsonSerializable(typeof(TestConnection))]
[JsonSerializable(typeof(DescribeTaskTables))]
[JsonSerializable(typeof(DescribeReplicationTables))]
[JsonSerializable(typeof(ReloadTaskTables))]
[JsonSerializable(typeof(ReloadReplicationTables))]
[JsonSerializable(typeof(DescribedTaskTables))]
[JsonSerializable(typeof(DescribedReplicationTables))]
[JsonSerializable(typeof(DescribeInstances))]
[JsonSerializable(typeof(DescribedInstances))]
[JsonSerializable(typeof(DescribeEngineVersions))]
[JsonSerializable(typeof(DescribedEngineVersions))]
[JsonSerializable(typeof(StartTask))]
[JsonSerializable(typeof(StopTask))]
[JsonSerializable(typeof(StartReplication))]
[JsonSerializable(typeof(StopReplication))]
[JsonSerializable(typeof(DescribedTasks))]
[JsonSerializable(typeof(DescribedReplications))]
[JsonSerializable(typeof(DescribedConnections))]
[JsonSerializable(typeof(Accepted))]
internal sealed partial class DmsJson : JsonSerializerContext;
