using CdcDms.Contract.Tables;

namespace CdcDms.Contract.Functions;

/// <summary>Input of the preflight function: what the task that is to run asks of the databases.</summary>
public sealed record PreflightInput
{
    /// <summary>Every table of the environment.</summary>
    public required IReadOnlyList<TableDefinition> Tables { get; init; }

    /// <summary>
    /// The tables, each as <c>schema.name</c>, of which alone findings are wanted: those that are added to a task which runs. None: every
    /// finding is wanted.
    /// </summary>
    public required IReadOnlyList<string> Only { get; init; }

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
