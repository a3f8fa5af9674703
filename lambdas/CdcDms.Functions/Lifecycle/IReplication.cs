namespace CdcDms.Functions.Lifecycle;

/// <summary>What can be done to a replication now.</summary>
internal enum ReplicationPhase
{
    /// <summary>It can be started and modified.</summary>
    Resting,

    /// <summary>It was started and does not run yet.</summary>
    Starting,

    /// <summary>It runs.</summary>
    Running,

    /// <summary>It is on its way to another state: created, modified, stopping, tested, or something new to us.</summary>
    Changing,

    /// <summary>It will not come back.</summary>
    Deleting,
}

/// <summary>A replication as DMS describes it.</summary>
internal sealed record ReplicationState
{
    /// <summary>DMS's own word for the state.</summary>
    public required string Status { get; init; }

    public required ReplicationPhase Phase { get; init; }

    /// <summary>
    /// Whether it has ever loaded or read anything. Only one that has not may begin with <c>start-replication</c>: on any other
    /// that would load every table again (docs/dms-contract.md#cloudformation).
    /// </summary>
    public required bool HasWorked { get; init; }

    /// <summary>Why it stopped or failed, as DMS says; null when it says nothing.</summary>
    public required string? Cause { get; init; }
}

/// <summary>A task or a serverless replication: the part of their lives in which they differ.</summary>
internal interface IReplication
{
    /// <summary>What it is called in a sentence, such as <c>task shop-1</c>.</summary>
    string Name { get; }

    /// <summary>Whether DMS takes longer for a start than a function may wait.</summary>
    bool StartsSlowly { get; }

    /// <summary>Its state; null when it does not exist. The other calls are about the one found last.</summary>
    Task<ReplicationState?> FindAsync(CancellationToken cancellationToken);

    /// <summary>Starts it, or does what must come before that.</summary>
    /// <param name="type"><c>start-replication</c> or <c>resume-processing</c>.</param>
    /// <param name="cdcStartPosition">Where to read from; null to leave it to DMS.</param>
    /// <returns>Whether it was started; if not, call again later.</returns>
    Task<bool> StartAsync(string type, string? cdcStartPosition, CancellationToken cancellationToken);

    /// <summary>Asks it to stop.</summary>
    Task StopAsync(CancellationToken cancellationToken);
}
