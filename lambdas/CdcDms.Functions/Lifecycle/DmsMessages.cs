using System.Text.Json.Serialization;

namespace CdcDms.Functions.Lifecycle;

// The parts of the messages of the DMS API of 2016-01-01 that are used (docs/dms-contract.md#sources). The rest of an answer is skipped.

internal sealed record Filter(string Name, IReadOnlyList<string> Values);

internal sealed record DescribeTasks(IReadOnlyList<Filter> Filters, bool WithoutSettings = true);

internal sealed record DescribeReplications(IReadOnlyList<Filter> Filters);

internal sealed record DescribeConnections(IReadOnlyList<Filter> Filters);

internal sealed record TestConnection(string ReplicationInstanceArn, string EndpointArn);

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
    DmsStatistics? ReplicationTaskStats);

internal sealed record DescribedReplications(IReadOnlyList<DmsReplication>? Replications);

internal sealed record DmsReplication(
    string ReplicationConfigArn,
    string Status,
    string? StopReason,
    IReadOnlyList<string>? FailureMessages,
    string? RecoveryCheckpoint,
    DmsStatistics? ReplicationStats);

internal sealed record DmsStatistics(int FullLoadProgressPercent, int TablesLoaded, int TablesLoading)
{
    public static bool ShowWork(DmsStatistics? statistics) =>
        statistics is { FullLoadProgressPercent: > 0 } or { TablesLoaded: > 0 } or { TablesLoading: > 0 };
}

internal sealed record DescribedConnections(IReadOnlyList<DmsConnection>? Connections);

internal sealed record DmsConnection(string ReplicationInstanceArn, string EndpointArn, string Status, string? LastFailureMessage);

/// <summary>An answer of which nothing is used.</summary>
internal sealed record Accepted;

internal sealed record DmsError
{
    [JsonPropertyName("__type")]
    public string? Type { get; init; }

    [JsonPropertyName("message")]
    public string? Message { get; init; }

    // IAM's refusals, which do not come from DMS itself, write it so.
    [JsonPropertyName("Message")]
    public string? IamMessage { get; init; }
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DescribeTasks))]
[JsonSerializable(typeof(DescribeReplications))]
[JsonSerializable(typeof(DescribeConnections))]
[JsonSerializable(typeof(TestConnection))]
[JsonSerializable(typeof(StartTask))]
[JsonSerializable(typeof(StopTask))]
[JsonSerializable(typeof(StartReplication))]
[JsonSerializable(typeof(StopReplication))]
[JsonSerializable(typeof(DescribedTasks))]
[JsonSerializable(typeof(DescribedReplications))]
[JsonSerializable(typeof(DescribedConnections))]
[JsonSerializable(typeof(Accepted))]
[JsonSerializable(typeof(DmsError))]
internal sealed partial class DmsJson : JsonSerializerContext;
