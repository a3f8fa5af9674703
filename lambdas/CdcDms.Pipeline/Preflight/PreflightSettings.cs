using CdcDms.Contract.Tables;

namespace CdcDms.Pipeline.Preflight;

/// <summary>What the checks need to know of the task that is to run. The defaults are those of an environment file.</summary>
public sealed record PreflightSettings
{
    /// <summary>Kilobytes that a large value may have (<c>replication.lobKilobytes</c>). Default: 63.</summary>
    public int LobKilobytes { get; init; } = 63;

    /// <summary>
    /// Schema in which DMS writes its heartbeat (<c>source.heartbeat.schema</c>); null when it writes none. Default: <c>cdcdms</c>.
    /// </summary>
    public string? HeartbeatSchema { get; init; } = "cdcdms";

    /// <summary>Whether DMS captures DDL by an audit table and an event trigger (<c>source.captureDdl</c>). Default: true.</summary>
    public bool CaptureDdl { get; init; } = true;

    /// <summary>The slot that somebody made for the task (<c>replication.slot.name</c>). Default: none, DMS makes one.</summary>
    public string? Slot { get; init; }

    /// <summary>Version of the DMS engine (<c>replication.instance.engineVersion</c>). Default: not known.</summary>
    public Version? EngineVersion { get; init; }

    /// <summary>Most time that reading values of all tables together may take. Default: one minute.</summary>
    public TimeSpan MeasuringTime { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Most bytes of a table's LOB: what its definition says, else <see cref="LobKilobytes"/>, in bytes.</summary>
    internal long LobBytes(TableDefinition table) => (table.LobKilobytes ?? LobKilobytes) * 1024L;

    /// <summary>Most bytes of a varchar without a length, of which the endpoint has one limit for all tables.</summary>
    internal long VarcharBytes => UnboundedVarchar.Bytes(LobKilobytes);
}
