using System.Text.Json.Serialization;

namespace CdcDms.Contract.Functions;

/// <summary>What runs the replication. DMS starts, stops and describes each kind by operations of its own.</summary>
public enum ReplicationKind
{
    /// <summary>An <c>AWS::DMS::ReplicationTask</c> on a replication instance.</summary>
    [JsonStringEnumMemberName("task")]
    Task,

    /// <summary>An <c>AWS::DMS::ReplicationConfig</c>.</summary>
    [JsonStringEnumMemberName("serverless")]
    Serverless,
}
