using CdcDms.Contract;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Local.Services;

/// <summary>
/// A PostgreSQL 17 server of our own, on 127.0.0.1 and a free port, with <c>wal_level=logical</c> and time zone UTC. It lives until it is
/// disposed or this program ends, in whatever way; its data is temporary. As root its processes run as an unprivileged user.
/// </summary>
public sealed class EmbeddedPostgres : IAsyncDisposable
{
    private readonly ServiceHost _host;
    private readonly Ready _ready;

    private EmbeddedPostgres(ServiceHost host, Ready ready) => (_host, _ready) = (host, ready);

    /// <summary>The TCP port on 127.0.0.1.</summary>
    public int Port => _ready.Port;

    /// <summary>
    /// Starts a server with an empty cluster (encoding UTF8, collation by code point); returns when it accepts connections.
    /// </summary>
    /// <exception cref="CdcDmsException">Node or the platform's PostgreSQL package is missing, or the server did not start.</exception>
    public static async Task<EmbeddedPostgres> StartAsync(CancellationToken cancellationToken = default)
    {
        var (host, ready) = await ServiceHost.StartAsync<Ready>("postgres", cancellationToken);
        return new EmbeddedPostgres(host, ready);
    }

    /// <summary>
    /// Starts a server over a copy of this one's files, as a restore makes one: this one goes on. Whatever it has written since its last
    /// checkpoint has to be in its WAL, and nobody may write meanwhile.
    /// </summary>
    /// <exception cref="CdcDmsException">The server did not start.</exception>
    internal async Task<EmbeddedPostgres> CopyAsync(CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(ConnectionString());
        await using var command = source.CreateCommand("SHOW data_directory");
        var data = (string)(await command.ExecuteScalarAsync(cancellationToken))!;
        var (host, ready) = await ServiceHost.StartAsync<Ready>("postgres", cancellationToken, data);
        return new EmbeddedPostgres(host, ready with { Password = _ready.Password });
    }

    /// <summary>An Npgsql connection string of the server's superuser.</summary>
    public string ConnectionString(string database = "postgres") => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = _ready.Port,
        Username = _ready.User,
        Password = _ready.Password,
        Database = database,
    }.ConnectionString;

    /// <summary>Creates an empty database.</summary>
    /// <exception cref="PostgresException">It exists already.</exception>
    public async Task CreateDatabaseAsync(string name, CancellationToken cancellationToken = default)
    {
        // Without a pool: an idle connection to the maintenance database would only count against the server's limit.
        var connectionString = new NpgsqlConnectionStringBuilder(ConnectionString()) { Pooling = false }.ConnectionString;
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand($"CREATE DATABASE {Sql.Identifier(name)}");
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Stops the server at once and removes its data; returns when both are gone.</summary>
    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private sealed record Ready(int Port, string User, string Password);
}
