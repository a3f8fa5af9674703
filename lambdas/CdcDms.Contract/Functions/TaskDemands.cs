namespace CdcDms.Contract.Functions;

/// <summary>What the task that is to run asks of the databases.</summary>
public record TaskDemands
{
    /// <summary>Kilobytes that a large value may have.</summary>
    public required int LobKilobytes { get; init; }

    /// <summary>Schema in which DMS writes its heartbeat. Default: it writes none.</summary>
    public string? HeartbeatSchema { get; init; }

    /// <summary>Whether DMS captures DDL.</summary>
    public required bool CaptureDdl { get; init; }

    /// <summary>The slot that somebody made for the task. Default: none, DMS makes one.</summary>
    public string? Slot { get; init; }

    /// <summary>Version of the DMS engine. Default: not known.</summary>
    public string? EngineVersion { get; init; }
}
