using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Testing;

/// <summary>A database of one test. Disposing it drops it with its sessions and replication slots: the server's number of both is limited, and so is the disk.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;

    internal TestDatabase(string connectionString)
    {
        ConnectionString = connectionString;
        _source = NpgsqlDataSource.Create(connectionString);
    }

    /// <summary>An Npgsql connection string of the superuser.</summary>
    public string ConnectionString { get; }

    /// <summary>An open connection, to be disposed by the caller.</summary>
    public Task<NpgsqlConnection> OpenAsync() => _source.OpenConnectionAsync().AsTask();

    /// <summary>Runs one or more statements; gives the number of rows changed.</summary>
    public async Task<int> ExecuteAsync(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>The first column of the first row. A NULL, or no row, is <c>default</c>.</summary>
    public async Task<T?> ScalarAsync<T>(string sql)
    {
        await using var command = _source.CreateCommand(sql);
        return await command.ExecuteScalarAsync() is { } value and not DBNull ? (T)value : default;
    }

    /// <summary>Ends all sessions, also those of code under test, drops the slots and then the database.</summary>
    public async ValueTask DisposeAsync()
    {
        await ExecuteAsync(
            """
            SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
            SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database() AND NOT active;
            """);
        await _source.DisposeAsync();
        await using var pooled = new NpgsqlConnection(ConnectionString);
        NpgsqlConnection.ClearPool(pooled);

        var maintenance = new NpgsqlConnectionStringBuilder(ConnectionString) { Database = "postgres", Pooling = false };
        await using var source = NpgsqlDataSource.Create(maintenance);
        await using var command = source.CreateCommand($"DROP DATABASE {Sql.Identifier(pooled.Database)} WITH (FORCE)");
        await command.ExecuteNonQueryAsync();
    }
}
