using System.Data;
using System.Runtime.CompilerServices;
using CdcDms.Contract;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Validation;

/// <summary>How the statements of a scan are read: what must hold for each of them.</summary>
internal interface IRowReads
{
    /// <summary>The rows of a statement.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="sql">A SELECT.</param>
    /// <param name="read">Reads a row.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <param name="parameters">The statement's parameters.</param>
    IAsyncEnumerable<T> QueryAsync<T>(
        NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken,
        params object?[] parameters);
}

/// <summary>Each statement sees what is committed when it begins.</summary>
internal sealed class PlainReads : IRowReads
{
    /// <inheritdoc/>
    public IAsyncEnumerable<T> QueryAsync<T>(
        NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken,
        params object?[] parameters) => connection.QueryAsync(sql, read, cancellationToken, parameters);
}

/// <summary>
/// All statements see the same rows, those of a snapshot that another connection holds. A table is locked no longer than a statement takes,
/// so that nobody who alters it has to wait for all of them.
/// </summary>
/// <param name="Id">The snapshot's name.</param>
internal sealed record SnapshotReads(string Id) : IRowReads
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<T> QueryAsync<T>(
        NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read,
        [EnumeratorCancellation] CancellationToken cancellationToken, params object?[] parameters)
    {
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        try
        {
            await connection.ExecuteAsync($"SET TRANSACTION SNAPSHOT {Sql.Literal(Id)}", cancellationToken);
        }
        catch (PostgresException gone) when (
            gone.SqlState is PostgresErrorCodes.InvalidParameterValue or PostgresErrorCodes.UndefinedObject)
        {
            throw new CdcDmsException(
                ErrorKind.Unavailable,
                "The comparison ended before it had read all rows: the session of the analytics database that held its snapshot is gone "
                + $"({PostgresWords.Told(gone)}); the server's log says why. Compare again.",
                gone);
        }

        await foreach (var row in connection.QueryAsync(sql, read, cancellationToken, parameters))
            yield return row;
        await transaction.CommitAsync(cancellationToken);
    }
}
