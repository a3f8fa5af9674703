using System.Data;
using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Validation;
using Npgsql;

namespace CdcDms.Pipeline.Proofs;

/// <summary>
/// What one call of a comparison holds in the analytics database: a lock, so that no other call compares the table meanwhile, and the
/// snapshot that all of its reads see.
/// </summary>
internal sealed class ComparisonHold : IAsyncDisposable
{
    // First half of the advisory lock; the second is the table's number in the ledger.
    private const int LockClass = 0x4364_6346;

    // The snapshot is held idle for as long as the call reads. A limit that the caller has set for itself stays: it ends the session of a
    // call that was killed.
    private const string Unlimited = """
        SELECT set_config(name, '0', false) FROM pg_settings
        WHERE name IN ('idle_in_transaction_session_timeout', 'transaction_timeout') AND source <> 'session'
        """;

    private readonly NpgsqlConnection _connection;
    private readonly int _tableId;
    private NpgsqlTransaction? _snapshot;

    private ComparisonHold(NpgsqlConnection connection, int tableId) => (_connection, _tableId) = (connection, tableId);

    /// <summary>Takes the lock, over a connection of its own.</summary>
    /// <exception cref="CdcDmsException">Another call compares the table.</exception>
    public static async Task<ComparisonHold> TakeAsync(
        string targetConnection, int tableId, TableDefinition table, CancellationToken cancellationToken)
    {
        var connection = await Database.OpenAsync(targetConnection, "analytics", cancellationToken);
        try
        {
            await connection.ExecuteAsync(Unlimited, cancellationToken);
            if (!await connection.ScalarAsync<bool>("SELECT pg_try_advisory_lock($1, $2)", cancellationToken, LockClass, tableId))
                throw new CdcDmsException(
                    ErrorKind.Conflict, $"{table.Source} is compared by another call; wait until that has ended, and compare again.");
            return new ComparisonHold(connection, tableId);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes a snapshot of what is committed now, in place of an older one.</summary>
    public async Task<SnapshotReads> SnapshotAsync(CancellationToken cancellationToken)
    {
        await EndSnapshotAsync();
        _snapshot = await _connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        return new SnapshotReads(await _connection.ScalarAsync<string>("SELECT pg_export_snapshot()", cancellationToken));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await EndSnapshotAsync();
            await _connection.ExecuteAsync("SELECT pg_advisory_unlock($1, $2)", CancellationToken.None, LockClass, _tableId);
        }
        catch (Exception lost) when (lost is NpgsqlException or InvalidOperationException)
        {
            // The lock ends with the session.
        }

        await _connection.DisposeAsync();
    }

    private async Task EndSnapshotAsync()
    {
        if (_snapshot is not null)
            await _snapshot.DisposeAsync();
        _snapshot = null;
    }
}
