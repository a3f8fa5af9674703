using CdcDms.Local.Services;
using Npgsql;

namespace CdcDms.Testing;

/// <summary>Standbys of servers of a test's own.</summary>
public static class StreamingStandby
{
    /// <summary>The physical replication slot of the standby at its primary.</summary>
    public const string Slot = "standby";

    /// <summary>Starts a hot standby that follows a server by streaming. Nobody may write at the server until then.</summary>
    /// <param name="primary">The server; it must not be restarted afterwards.</param>
    /// <param name="settings">Parameters of the standby, such as <c>hot_standby_feedback = on</c>.</param>
    public static async Task<EmbeddedPostgres> StartAsync(EmbeddedPostgres primary, params string[] settings)
    {
        var login = new NpgsqlConnectionStringBuilder(primary.ConnectionString()) { Pooling = false };
        await using var source = NpgsqlDataSource.Create(login.ConnectionString);
        // A running primary looks at none of these: they come to the standby with the copy of its files.
        foreach (var statement in (string[])
        [
            $"SELECT pg_create_physical_replication_slot('{Slot}')",
            $"ALTER SYSTEM SET primary_slot_name = '{Slot}'",
            $"ALTER SYSTEM SET primary_conninfo = 'host={login.Host} port={login.Port} user={login.Username} password={login.Password} "
                + "dbname=postgres'",
            .. settings.Select(setting => $"ALTER SYSTEM SET {setting}"),
            "DO $$ BEGIN EXECUTE format('COPY (SELECT 1 WHERE false) TO %L', current_setting('data_directory') || '/standby.signal'); "
                + "END $$",
            "CHECKPOINT",
        ])
        {
            await using var command = source.CreateCommand(statement);
            await command.ExecuteNonQueryAsync();
        }

        return await primary.CopyAsync(CancellationToken.None);
    }
}
