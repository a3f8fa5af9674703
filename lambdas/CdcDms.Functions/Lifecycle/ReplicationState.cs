namespace CdcDms.Functions.Lifecycle;

/// <summary>What can be done to a replication now.</summary>
internal enum ReplicationPhase
{
    /// <summary>The replication can be started and modified.</summary>
    Resting,

    /// <summary>The replication was started and does not run yet.</summary>
    Starting,

    /// <summary>The replication runs.</summary>
    Running,

    /// <summary>
    /// The replication is on its way to another state: created, modified, stopping, tested, or something that this code does not know.
    /// </summary>
    Changing,

    /// <summary>The replication is being deleted and cannot be started any more.</summary>
    Deleting,
}

/// <summary>A replication as DMS describes it.</summary>
internal sealed record ReplicationState
{
    /// <summary>DMS's own word for a replication that runs.</summary>
    public const string RunningStatus = "running";

    /// <summary>DMS's own word for the state.</summary>
    public required string Status { get; init; }

    public required ReplicationPhase Phase { get; init; }

    /// <summary>
    /// Whether it has ever loaded or read anything. Only one that has not may begin with <c>start-replication</c>: on any other
    /// that would load every table again (docs/dms-contract.md#cloudformation).
    /// </summary>
    public required bool HasWorked { get; init; }

    /// <summary>Whether it loads rows before it reads changes; one that does not cannot load a table again either.</summary>
    public required bool LoadsRows { get; init; }

    /// <summary>Why it stopped or failed, as DMS says; null when it says nothing.</summary>
    public required string? Cause { get; init; }
}
