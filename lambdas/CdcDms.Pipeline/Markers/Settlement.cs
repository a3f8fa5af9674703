using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Markers;

/// <summary>
/// Settles a marker for a table: waits until every transaction has ended that may commit a change of the table below the marker's version
/// and was not visible yet when the marker was.
/// </summary>
/// <param name="source">A connection to the source's primary, without a transaction.</param>
/// <param name="limit">How long to wait for transactions that write the table.</param>
internal sealed class Settlement(NpgsqlConnection source, TimeSpan limit)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Settles a marker whose commit was acknowledged, and says so in a row that reads can name.</summary>
    /// <param name="marker">The marker's id.</param>
    /// <param name="table">The source table.</param>
    /// <param name="cancellationToken">Ends the wait; nothing was written.</param>
    /// <exception cref="CdcDmsException">A transaction writes the table for longer than the limit; nothing was written.</exception>
    /// <exception cref="NpgsqlException">The source refused it, or the connection was lost.</exception>
    public async Task SettleAsync(Guid marker, TableName table, CancellationToken cancellationToken)
    {
        var writers = new TableWriters(source, table);
        var writing = await writers.NowAsync(cancellationToken);
        using var late = new CancellationTokenSource(limit);
        while (writing.Length > 0)
        {
            writing = await writers.StillAsync(writing, cancellationToken);
            if (writing.Length > 0 && late.IsCancellationRequested)
                throw Late(table, await writers.NameAsync(writing[0], cancellationToken));
            if (writing.Length > 0)
                await Task.Delay(Pause, cancellationToken);
        }

        await source.ExecuteAsync(
            $"INSERT INTO {Sql.Identifier(MarkerTable.Settled)} (marker_id, table_schema, table_name) VALUES ($1, $2, $3) "
            + "ON CONFLICT DO NOTHING",
            cancellationToken, marker, table.Schema, table.Name);
    }

    private CdcDmsException Late(TableName table, string writer) => new(
        ErrorKind.Unavailable,
        $"{table} was not read: {writer} writes to the table for longer than {limit.TotalSeconds:0} seconds, and what it has written may "
        + "be in the change files already; end it, or try again later.");
}
