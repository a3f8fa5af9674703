using CdcDms.Contract.Tables;

namespace CdcDms.Contract.Functions;

/// <summary>Input of the reload function: one table that DMS is to load again.</summary>
public sealed record ReloadInput
{
    /// <summary>The table.</summary>
    public required TableDefinition Table { get; init; }

    /// <summary>What runs the replication.</summary>
    public required ReplicationKind Kind { get; init; }

    /// <summary>The replication's fixed identifier.</summary>
    public required string Identifier { get; init; }

    /// <summary>What the call before has answered. Null: the load is to be asked for.</summary>
    public ReloadOutput? Load { get; init; }
}
