using Npgsql;

namespace CdcDms.Testing;

/// <summary>
/// A database of one test. Disposing it ends its sessions, also those of code under test, and drops what is in it, replication slots too.
/// </summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly DatabasePool _pool;
    private readonly NpgsqlDataSource _source;

    internal TestDatabase(DatabasePool pool, string connectionString)
    {
        _pool = pool;
        ConnectionString = connectionString;
        _source = DatabasePool.Source(connectionString);
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

    /// <summary>Another database with all that this one has. Nothing may be connected to this one meanwhile.</summary>
    public Task<TestDatabase> CopyAsync()
    {
        _source.Clear();
        return _pool.CopyAsync(Name);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await using (var pooled = new NpgsqlConnection(ConnectionString))
            NpgsqlConnection.ClearPool(pooled);
        await _pool.ReturnAsync(Name);
    }

    private string Name => new NpgsqlConnectionStringBuilder(ConnectionString).Database!;
}
