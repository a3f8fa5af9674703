namespace CdcDms.Contract.Functions;

/// <summary>What DMS says of the replication and of its tables.</summary>
public sealed record ReplicationHealth
{
    /// <summary>What the replication is called in a sentence, such as <c>task cdcdms-shop-g1</c>.</summary>
    public required string Name { get; init; }

    /// <summary>DMS's own word for its state, such as <c>running</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Whether it runs, or is on its way there.</summary>
    public required bool Runs { get; init; }

    /// <summary>Why it stopped or failed, as DMS says; null when it says nothing.</summary>
    public string? Cause { get; init; }

    /// <summary>Tables of which DMS knows.</summary>
    public required int Tables { get; init; }

    /// <summary>Of these, tables whose rows are being loaded, or will be soon.</summary>
    public required int Loading { get; init; }

    /// <summary>Tables of whose changes none comes: the first hundred by name.</summary>
    public required IReadOnlyList<StrandedTable> NotReplicating { get; init; }

    /// <summary>How many tables there are of whose changes none comes.</summary>
    public required int TablesNotReplicating { get; init; }

    /// <summary>What DMS has written of all tables since the replication was started or resumed.</summary>
    public required ReplicatedChanges Changes { get; init; }

    /// <summary>The version of the replication instance's engine; null where there is none, and when DMS does not tell.</summary>
    public string? EngineVersion { get; init; }

    /// <summary>When AWS upgrades or withdraws this version of the engine, UTC; null while no date is set.</summary>
    public DateTime? EngineEndUtc { get; init; }
}

/// <summary>A table of whose changes none comes.</summary>
/// <param name="Table">The source table, <c>schema.name</c>.</param>
/// <param name="State">DMS's word for its state, such as <c>Table error</c>; <c>not captured</c> when DMS does not know the table.</param>
public sealed record StrandedTable(string Table, string State);

/// <summary>How many changes DMS has written, as its table statistics count them.</summary>
/// <param name="Inserts">Rows inserted.</param>
/// <param name="Updates">Rows updated.</param>
/// <param name="Deletes">Rows deleted.</param>
/// <param name="Ddls">Changes of a table's definition.</param>
public sealed record ReplicatedChanges(long Inserts, long Updates, long Deletes, long Ddls);
