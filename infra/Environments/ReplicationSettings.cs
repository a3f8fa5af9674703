namespace CdcDms.Infra.Environments;

/// <summary>What the replication runs on.</summary>
public abstract record ReplicationCompute
{
    /// <summary>Memory that is there from the start: the instance's, or that of the fewest capacity units.</summary>
    public abstract int MemoryGigabytes { get; }

    /// <summary>Whether a standby runs in a second zone. Default: <see cref="Defaults.MultiAz"/>.</summary>
    public required bool MultiAz { get; init; }
}

/// <summary>A replication instance.</summary>
public sealed record InstanceCompute : ReplicationCompute
{
    /// <inheritdoc/>
    public override int MemoryGigabytes => DmsInstanceClasses.MemoryGigabytes(InstanceClass);

    /// <summary>DMS instance class. Default: <see cref="Defaults.DmsInstanceClass"/>.</summary>
    public required string InstanceClass { get; init; }

    /// <summary>Disk for logs and for changes that wait. Default: <see cref="Defaults.DmsStorageGigabytes"/>.</summary>
    public required int StorageGigabytes { get; init; }

    /// <summary>
    /// DMS engine. Default: <see cref="Defaults.EngineVersion"/>; PostgreSQL 17 needs 3.6.1 or later (docs/dms-contract.md#source-limits).
    /// </summary>
    public required string EngineVersion { get; init; }
}

/// <summary>A serverless replication; one capacity unit is 2 GB (docs/dms-contract.md#serverless).</summary>
public sealed record ServerlessCompute : ReplicationCompute
{
    private const int GigabytesPerUnit = 2;

    /// <inheritdoc/>
    public override int MemoryGigabytes => MinCapacityUnits * GigabytesPerUnit;

    /// <summary>Fewest capacity units.</summary>
    public required int MinCapacityUnits { get; init; }

    /// <summary>Most capacity units.</summary>
    public required int MaxCapacityUnits { get; init; }
}

/// <summary>From where on changes are captured.</summary>
public abstract record ReplicationStart;

/// <summary>All rows first, then every change; DMS makes the slot.</summary>
public sealed record FullLoadThenChanges : ReplicationStart;

/// <summary>Changes only, from a slot that somebody made, starting at its position (docs/dms-contract.md#replication-slot).</summary>
/// <param name="Slot">The slot's name.</param>
/// <param name="StartLsn">The slot's <c>confirmed_flush_lsn</c>, such as <c>4AF/B00000D0</c>.</param>
public sealed record ChangesFromSlot(string Slot, string StartLsn) : ReplicationStart;

/// <summary>The DMS task and what it runs on.</summary>
public sealed record ReplicationSettings
{
    /// <summary>What the replication runs on.</summary>
    public required ReplicationCompute Compute { get; init; }

    /// <summary>Whether it runs without an instance.</summary>
    public bool IsServerless => Compute is ServerlessCompute;

    /// <summary>From where on changes are captured. Default: all rows first.</summary>
    public required ReplicationStart Start { get; init; }

    /// <summary>The way of the changes to the lake. Default: DMS writes files itself.</summary>
    public required ReplicationRoute Route { get; init; }

    /// <summary>
    /// Size that a text, json, array or bytea value may have; a longer one fails the task instead of being cut
    /// (docs/dms-contract.md#large-objects). Default: <see cref="Defaults.LobKilobytes"/>.
    /// </summary>
    public required int LobKilobytes { get; init; }

    /// <summary>
    /// Longest time that changes wait for a file to be written, by DMS or by the function that reads the stream.
    /// Default: <see cref="Defaults.CdcIntervalSeconds"/>.
    /// </summary>
    public required int CdcIntervalSeconds { get; init; }

    /// <summary>Size at which a file is written before that time. Default: <see cref="Defaults.CdcFileKilobytes"/>.</summary>
    public required int CdcFileKilobytes { get; init; }

    /// <summary>Time between two markers that are written at the source. Default: <see cref="Defaults.MarkerMinutes"/>.</summary>
    public required int MarkerMinutes { get; init; }

    /// <summary>
    /// Number of this replication in the environment's life: part of every DMS identifier, and of the folder that DMS writes into. A higher
    /// one makes new DMS resources and loads all rows again. Default: <see cref="Defaults.Generation"/>.
    /// </summary>
    public required int Generation { get; init; }

    /// <summary>
    /// Seconds that a marker takes into the lake at most while nothing is late: until a file is closed. Through a stream it waits for a
    /// batch of records twice, in its own shard and in those to which it is passed on.
    /// </summary>
    public int MarkerSeconds => CdcIntervalSeconds * (Route is StreamRoute ? 2 : 1);

    /// <summary>
    /// How old the newest marker that is due is at most while nothing is late. Its file takes an interval to the lake, and it is due by two
    /// later markers, one an interval after it and one two intervals after that. Each may come just too late for that.
    /// </summary>
    public TimeSpan FreshnessWhenAllIsWell => TimeSpan.FromMinutes(3 * MarkerMinutes) + TimeSpan.FromSeconds(5 * MarkerSeconds);

    /// <summary>
    /// Checks of preflight, by name, of which a deployment does not fail although they find that something is lost. Default: none.
    /// </summary>
    public required IReadOnlyList<string> AcceptedLosses { get; init; }

    /// <summary>Whether a deploy may replace the task, which is allowed for exactly one generation by naming it. Default: no.</summary>
    public required bool ReplacementAllowed { get; init; }
}
