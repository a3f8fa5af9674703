using System.Data;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Local.Capture;

/// <summary>
/// A connection that sees the source as an exported snapshot has it. Npgsql closes a connection at some faults of a single table, such as a
/// file that is missing at the server: another one sees the same.
/// </summary>
/// <param name="source">The source.</param>
/// <param name="exported">The snapshot's name; it lives as long as the connection that has exported it.</param>
internal sealed class SnapshotSession(Source source, string exported) : IAsyncDisposable
{
    private NpgsqlConnection? _connection;

    /// <summary>The connection, which is opened where there is none.</summary>
    public async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        if (_connection?.State == ConnectionState.Open)
            return _connection;
        await DisposeAsync();
        _connection = await source.OpenAsync(cancellationToken);
        await _connection.ExecuteAsync("BEGIN ISOLATION LEVEL REPEATABLE READ", cancellationToken);
        await _connection.ExecuteAsync($"SET TRANSACTION SNAPSHOT '{exported}'", cancellationToken);
        return _connection;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_connection is { } connection)
            await connection.DisposeAsync();
    }
}
