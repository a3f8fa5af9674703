using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Validation;

/// <summary>
/// A marker that is settled for a table. A server that knows that has every change of the table from before the marker. A replica that lags
/// behind, a pooler in front of several servers, a restored copy: none of these is believed without.
/// </summary>
/// <param name="Id">The marker's id.</param>
/// <param name="Table">The source table.</param>
internal sealed record SettledMarker(Guid Id, TableName Table) : IRowReads
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>The values of the parameters in <see cref="IsKnown"/>.</summary>
    public object[] Parameters => [Id, Table.Schema, Table.Name];

    /// <summary>The condition that a server knows of it.</summary>
    /// <param name="first">The number of the first of three parameters.</param>
    public static string IsKnown(int first) =>
        $"EXISTS (SELECT FROM {Sql.Identifier(MarkerTable.Settled)} "
        + $"WHERE marker_id = ${first} AND table_schema = ${first + 1} AND table_name = ${first + 2})";

    /// <summary>Waits until a server knows of it.</summary>
    /// <param name="connection">A connection to the server.</param>
    /// <param name="limit">How long to wait.</param>
    /// <exception cref="CdcDmsException">It does not, even then.</exception>
    /// <exception cref="NpgsqlException">The server refused the look, or the connection was lost.</exception>
    public async Task WaitAsync(NpgsqlConnection connection, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(limit);
        while (!await IsKnownAsync(connection, cancellationToken))
        {
            if (late.IsCancellationRequested)
                throw Unknown(limit);
            await Task.Delay(Pause, cancellationToken);
        }
    }

    /// <summary>Whether a server knows of it now.</summary>
    public Task<bool> IsKnownAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        connection.ScalarAsync<bool>($"SELECT {IsKnown(1)}", cancellationToken, Parameters);

    /// <summary>The rows of a statement, from a server that knows of the marker.</summary>
    /// <param name="sql">A SELECT.</param>
    /// <param name="read">Reads a row.</param>
    /// <param name="parameters">The statement's own.</param>
    /// <exception cref="CdcDmsException">The server does not know of it.</exception>
    public async IAsyncEnumerable<T> QueryAsync<T>(
        NpgsqlConnection connection,
        string sql,
        Func<NpgsqlDataReader, T> read,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken,
        params object?[] parameters)
    {
        // Where nothing is known nothing is read either, and the one row that comes says so.
        var guarded =
            $"""
            SELECT cdc_rows.*, cdc_marker.known FROM (SELECT {IsKnown(parameters.Length + 1)} AS known) cdc_marker
            LEFT JOIN (SELECT *, true AS cdc_is_row FROM ({sql}) cdc_read) cdc_rows ON cdc_marker.known
            """;
        var rows = connection.QueryAsync(
            guarded,
            row => (
                IsKnown: row.GetBoolean(row.FieldCount - 1), IsRow: !row.IsDBNull(row.FieldCount - 2),
                Row: row.IsDBNull(row.FieldCount - 2) ? default : read(row)),
            cancellationToken, [.. parameters, .. Parameters]);
        await foreach (var (isKnown, isRow, row) in rows)
        {
            if (!isKnown)
                throw Unknown(null);
            if (isRow)
                yield return row!;
        }
    }

    /// <summary>What is wrong with a server that does not know of it.</summary>
    /// <param name="waited">How long it was waited for; null when it was not.</param>
    public CdcDmsException Unknown(TimeSpan? waited) => new(
        ErrorKind.Unavailable,
        $"{Table} was not read: the server does not know {(waited is { } time ? $"after {time.TotalSeconds:0} seconds" : "yet")} that the "
        + "marker is settled; it is a replica that lags behind, or another database.");
}
