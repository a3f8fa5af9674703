using CdcDms.Contract;
using Npgsql;

namespace CdcDms.Pipeline.Postgres;

/// <summary>
/// Which servers the pipeline works with. Version and encoding are in the server's greeting, so looking at them costs no statement.
/// </summary>
internal static class SupportedServer
{
    // trim_scale, by which numbers are compared, and publish_via_partition_root came with PostgreSQL 13; the settings by which the session
    // of a function that died ends (client_connection_check_interval, idle_session_timeout), with 14.
    private const int OldestSource = 13;
    private const int OldestAnalytics = 14;

    // Before, an upsert that assigns several columns at once may write wrong values into a partition, or end the server (PostgreSQL
    // documentation, release notes of 15.3).
    private static readonly Dictionary<int, int> SoundMinors = new() { [14] = 8, [15] = 3 };

    /// <summary>Refuses a server that is too old, or whose texts are not known to be what their bytes say.</summary>
    /// <exception cref="CdcDmsException">The server is refused; the sentence says why.</exception>
    public static void Check(NpgsqlConnection connection, string role)
    {
        // A pooler may keep the encoding to itself.
        connection.PostgresParameters.TryGetValue("server_encoding", out var encoding);
        if (Refusal(role, connection.PostgreSqlVersion, encoding) is { } reason)
            throw new CdcDmsException(
                ErrorKind.BadDefinition, $"The {role} database {connection.Database} at {connection.Host}:{connection.Port} {reason}.");
    }

    /// <summary>Why a server is refused, after its name; null when it is not.</summary>
    internal static string? Refusal(string role, Version version, string? encoding) => (role, encoding) switch
    {
        _ when version.Major < Oldest(role) => $"is PostgreSQL {version.Major}, and at least {Oldest(role)} is needed; upgrade it",
        ("analytics", _) when SoundMinors.TryGetValue(version.Major, out var sound) && version.Minor < sound =>
            $"is PostgreSQL {version.ToString(2)}, which may write wrong values into partitions; upgrade it to {version.Major}.{sound} or "
            + "newer",
        (_, "SQL_ASCII") =>
            "has the encoding SQL_ASCII, so nobody knows which letters its bytes are, and one that is not UTF-8 would stop every table; "
            + "load it into a database of the encoding UTF8",
        ("analytics", not (null or "UTF8")) =>
            $"has the encoding {encoding}, which does not have every letter that may come; make it anew with the encoding UTF8",
        _ => null,
    };

    private static int Oldest(string role) => role == "analytics" ? OldestAnalytics : OldestSource;
}
