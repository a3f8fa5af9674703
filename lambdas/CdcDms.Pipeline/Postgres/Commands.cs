using System.Runtime.CompilerServices;
using Npgsql;

namespace CdcDms.Pipeline.Postgres;

/// <summary>One-line commands over a connection; parameters are positional (<c>$1</c>).</summary>
public static class Commands
{
    /// <summary>Runs a statement.</summary>
    /// <returns>Rows affected.</returns>
    public static async Task<long> ExecuteAsync(
        this NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object?[] parameters)
    {
        await using var command = connection.Command(sql, parameters);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Runs a statement and gives its rows, each read by <paramref name="read"/>.</summary>
    public static async IAsyncEnumerable<T> QueryAsync<T>(
        this NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read,
        [EnumeratorCancellation] CancellationToken cancellationToken, params object?[] parameters)
    {
        await using var command = connection.Command(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            yield return read(reader);
    }

    /// <summary>Runs a statement that gives exactly one row.</summary>
    public static async Task<T> SingleAsync<T>(
        this NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> read,
        CancellationToken cancellationToken, params object?[] parameters) =>
        await connection.QueryAsync(sql, read, cancellationToken, parameters).SingleAsync(cancellationToken);

    /// <summary>Runs a statement that gives exactly one row, of one column that is never NULL.</summary>
    public static Task<T> ScalarAsync<T>(
        this NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object?[] parameters) =>
        connection.SingleAsync(sql, row => row.GetFieldValue<T>(0), cancellationToken, parameters);

    /// <summary>
    /// Runs statements in one transaction and one message: no lock is held for longer than the statements take, also when the program
    /// dies between two of them.
    /// </summary>
    internal static async Task ExecuteTogetherAsync(
        this NpgsqlConnection connection, IEnumerable<Statement> statements, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var statement in statements)
        {
#pragma warning disable CA2100
            var command = new NpgsqlBatchCommand(statement.Sql);
#pragma warning restore CA2100
            foreach (var parameter in statement.Parameters)
                command.Parameters.Add(new NpgsqlParameter { Value = parameter });
            batch.BatchCommands.Add(command);
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlCommand Command(this NpgsqlConnection connection, string sql, object?[] parameters)
    {
        // The texts are built by us from quoted identifiers; values come as parameters.
#pragma warning disable CA2100
        var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter ?? DBNull.Value });
        return command;
    }
}
