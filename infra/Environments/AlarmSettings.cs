namespace CdcDms.Infra.Environments;

/// <summary>Who is told, and from which values on.</summary>
public sealed record AlarmSettings
{
    /// <summary>Who is told at once. Default: nobody.</summary>
    public required AlarmDestinations Critical { get; init; }

    /// <summary>Who is told of what can wait until the morning. Default: nobody.</summary>
    public required AlarmDestinations Warning { get; init; }

    /// <summary>
    /// Where readers of a message find the runbook; a section is added as <c>#name</c>. Default: the page in the GitHub repository that
    /// the environment names, else its path in this project.
    /// </summary>
    public required string? RunbookUrl { get; init; }

    /// <summary>Age of the last change that DMS read. Default: <see cref="Defaults.SourceLatencySeconds"/>.</summary>
    public required int SourceLatencySeconds { get; init; }

    /// <summary>
    /// Age of the last change that DMS wrote, and of the oldest message that the function of a stream has not read.
    /// Default: <see cref="Defaults.TargetLatencySeconds"/>.
    /// </summary>
    public required int TargetLatencySeconds { get; init; }

    /// <summary>Age of the analytics database's state. Default: <see cref="Defaults.AnalyticsAgeMinutes"/>.</summary>
    public required int AnalyticsAgeMinutes { get; init; }

    /// <summary>
    /// Time between the last commit at the source of which everything is known to be merged and the end of a merge that leaves nothing.
    /// Default: <see cref="Defaults.FreshnessMinutes"/>.
    /// </summary>
    public required int FreshnessMinutes { get; init; }

    /// <summary>Free disk of the replication instance. Default: <see cref="Defaults.FreeStorageGigabytes"/>.</summary>
    public required int FreeStorageGigabytes { get; init; }

    /// <summary>Free disk of a database that is no Aurora cluster. Default: <see cref="Defaults.DatabaseFreeStorageGigabytes"/>.</summary>
    public required int DatabaseFreeStorageGigabytes { get; init; }

    /// <summary>Free memory of the replication instance. Default: <see cref="Defaults.FreeMemoryMegabytes"/>.</summary>
    public required int FreeMemoryMegabytes { get; init; }

    /// <summary>Swap in use on the replication instance. Default: <see cref="Defaults.SwapMegabytes"/>.</summary>
    public required int SwapMegabytes { get; init; }

    /// <summary>Processor load. Default: <see cref="Defaults.CpuPercent"/>.</summary>
    public required int CpuPercent { get; init; }

    /// <summary>Changes that wait on the replication instance's disk. Default: <see cref="Defaults.ChangesOnDisk"/>.</summary>
    public required int ChangesOnDisk { get; init; }

    /// <summary>WAL that the source keeps for the slowest slot. Default: <see cref="Defaults.SlotLagGigabytes"/>.</summary>
    public required int SlotLagGigabytes { get; init; }
}
