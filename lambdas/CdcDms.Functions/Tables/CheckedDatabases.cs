using CdcDms.Contract.Functions;
using CdcDms.Pipeline.Preflight;
using Npgsql;

namespace CdcDms.Functions.Tables;

/// <summary>How a function checks databases: by the roles' own settings, for the task as the environment file has it.</summary>
internal static class CheckedDatabases
{
    /// <summary>
    /// A connection without the options of this function: the checks ask which timeouts the roles have, and those that a function gives to
    /// its sessions would be taken for them.
    /// </summary>
    public static string Own(string connection) => new NpgsqlConnectionStringBuilder(connection) { Options = "" }.ConnectionString;

    /// <summary>What the checks need to know of the task.</summary>
    public static PreflightSettings Settings(TaskDemands task) => new()
    {
        LobKilobytes = task.LobKilobytes,
        HeartbeatSchema = task.HeartbeatSchema,
        CaptureDdl = task.CaptureDdl,
        Slot = task.Slot,
        EngineVersion = task.EngineVersion is { } version ? Version.Parse(version) : null,
    };
}
