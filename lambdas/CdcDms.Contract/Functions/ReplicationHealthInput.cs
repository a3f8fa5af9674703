using CdcDms.Contract.Tables;

namespace CdcDms.Contract.Functions;

/// <summary>Input of the function that asks DMS how the replication is.</summary>
public sealed record ReplicationHealthInput
{
    /// <summary>The tables that the replication is to capture.</summary>
    public required IReadOnlyList<TableDefinition> Tables { get; init; }

    /// <summary>What runs the replication.</summary>
    public required ReplicationKind Kind { get; init; }

    /// <summary>The replication's fixed identifier.</summary>
    public required string Identifier { get; init; }
}
