using System.Collections.Concurrent;
using CdcDms.Local.Services;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Testing;

/// <summary>
/// Databases that tests have one after the other. Making one means hundreds of files, which takes longer than most tests, so one that is
/// empty again is used again; one that a test has left otherwise than new is dropped.
/// </summary>
internal sealed class DatabasePool(EmbeddedPostgres server)
{
    // Objects that initdb has not made (PostgreSQL: FirstNormalObjectId). The schemas of temporary tables stay when their session ends.
    private const string IsAsNew =
        """
        SELECT NOT EXISTS (
            SELECT FROM pg_class WHERE oid >= 16384 UNION ALL SELECT FROM pg_type WHERE oid >= 16384
            UNION ALL SELECT FROM pg_proc WHERE oid >= 16384
            UNION ALL SELECT FROM pg_namespace WHERE oid >= 16384 AND nspname <> 'public' AND nspname !~ '^pg_(toast_)?temp_'
            UNION ALL SELECT FROM pg_extension WHERE oid >= 16384 UNION ALL SELECT FROM pg_cast WHERE oid >= 16384
            UNION ALL SELECT FROM pg_language WHERE oid >= 16384 UNION ALL SELECT FROM pg_foreign_data_wrapper
            UNION ALL SELECT FROM pg_largeobject_metadata UNION ALL SELECT FROM pg_default_acl
            UNION ALL SELECT FROM pg_publication UNION ALL SELECT FROM pg_event_trigger
            UNION ALL SELECT FROM pg_replication_slots WHERE database = current_database()
            UNION ALL SELECT FROM pg_database
              WHERE datname = current_database() AND (datacl IS NOT NULL OR datdba <> 10 OR NOT datallowconn))
        """;

    // Sessions of code under test, too. Only one that holds a slot is waited for: PostgreSQL looks for its end every tenth of a second.
    private const string EndSessions =
        """
        SELECT pg_terminate_backend(active_pid, 10000) FROM pg_replication_slots WHERE database = current_database() AND active;
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
        SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database() AND NOT active
        """;

    // Under settings of its own, nothing in a database can be relied on. And one transaction cannot lock any number of tables to drop them.
    private const string IsToBeDropped =
        """
        SELECT EXISTS (SELECT FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase WHERE d.datname = current_database())
            OR (SELECT count(*) > 1000 FROM pg_class WHERE oid >= 16384)
        """;

    private const string Empty =
        """
        DO $$ DECLARE statement text; BEGIN
            FOR statement IN
                SELECT format('DROP EVENT TRIGGER %I', evtname) FROM pg_event_trigger
                UNION ALL SELECT format('DROP PUBLICATION %I', pubname) FROM pg_publication
                UNION ALL SELECT format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace
                WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
            LOOP EXECUTE statement; END LOOP;
            CREATE SCHEMA public AUTHORIZATION pg_database_owner;
            GRANT USAGE ON SCHEMA public TO PUBLIC;
        END $$;
        """;

    // A session takes a moment to end, and until then PostgreSQL waits before it renames its database.
    private const int Resting = 3;

    private readonly NpgsqlDataSource _maintenance = NpgsqlDataSource.Create(server.ConnectionString());
    private readonly ConcurrentQueue<string> _empty = [];

    /// <summary>
    /// An empty database. It gets a new name, so that nothing that Npgsql keeps by name (connections, types) is of another test.
    /// </summary>
    public async Task<TestDatabase> TakeAsync()
    {
        var name = NewName();
        await MaintainAsync(
            _empty.Count > Resting && _empty.TryDequeue(out var used)
                ? $"ALTER DATABASE {used} RENAME TO {name}"
                : $"CREATE DATABASE {name}");
        return new TestDatabase(this, server.ConnectionString(name));
    }

    /// <summary>A new database with all that another one has, to which nothing may be connected meanwhile.</summary>
    public async Task<TestDatabase> CopyAsync(string original)
    {
        var name = NewName();
        await MaintainAsync($"CREATE DATABASE {name} TEMPLATE {original}");
        return new TestDatabase(this, server.ConnectionString(name));
    }

    /// <summary>Takes a database back.</summary>
    public async Task ReturnAsync(string name)
    {
        if (await EmptyAsync(name))
            _empty.Enqueue(name);
        else
            await MaintainAsync($"DROP DATABASE {name} WITH (FORCE)");
    }

    /// <summary>Empties a database; gives whether it is as a new one.</summary>
    private async Task<bool> EmptyAsync(string name)
    {
        var alone = new NpgsqlConnectionStringBuilder(server.ConnectionString(name)) { Pooling = false };
        await using var source = Source(alone.ConnectionString);
        await using var connection = await source.OpenConnectionAsync();
        await connection.ExecuteAsync(EndSessions, CancellationToken.None);
        if (await connection.ScalarAsync<bool>(IsToBeDropped, CancellationToken.None))
            return false;
        await connection.ExecuteAsync(Empty, CancellationToken.None);
        return await connection.ScalarAsync<bool>(IsAsNew, CancellationToken.None);
    }

    /// <summary>
    /// The connections of a test's own statements. What types a database has takes longer to read than most of these, and Npgsql reads it
    /// for every new name.
    /// </summary>
    public static NpgsqlDataSource Source(string connectionString)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString);
        builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false));
        return builder.Build();
    }

    private static string NewName() => $"test_{Guid.NewGuid():N}";

    private async Task MaintainAsync(string statement)
    {
        await using var command = _maintenance.CreateCommand(statement);
        await command.ExecuteNonQueryAsync();
    }
}
