using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Status;

/// <summary>Reads where a table is at the source: by a role that may only read, and changes nothing.</summary>
/// <param name="connectionString">Connection string of the source database.</param>
/// <param name="table">The table.</param>
internal sealed class SourceReader(string connectionString, TableDefinition table)
{
    /// <summary>Counts the table's rows, and looks for the newest marker.</summary>
    /// <param name="newestInLake">The newest marker that has come into the lake; null when none has, or nobody knows.</param>
    /// <param name="beganUtc">Markers that were written before are not for the lake.</param>
    /// <exception cref="CdcDmsException">The source cannot be read, or has no such table.</exception>
    public async Task<SourcePlace> ReadAsync(MarkerPoint? newestInLake, DateTime beganUtc, CancellationToken cancellationToken)
    {
        try
        {
            await using var source = await Database.OpenAsync(connectionString, "source", cancellationToken);
            var found = await CatalogTable.FindAsync(source, table.Source, cancellationToken)
                ?? throw new CdcDmsException(
                    ErrorKind.BadDefinition, $"The source database has no table {table.Source}; correct the definition.");
            var (newest, missingSince) = await MarkersAsync(source, newestInLake, beganUtc, cancellationToken);
            return await source.SingleAsync(
                $"SELECT statement_timestamp(), count(*) FROM {found.OwnRows}",
                row => new SourcePlace(row.GetDateTime(0), row.GetInt64(1), newest, missingSince), cancellationToken);
        }
        catch (NpgsqlException fault)
        {
            throw PostgresFault.Tell(fault, $"{table.Source} was not counted at the source");
        }
    }

    private static async Task<(MarkerPoint? Newest, DateTime? MissingSinceUtc)> MarkersAsync(
        NpgsqlConnection source, MarkerPoint? newestInLake, DateTime beganUtc, CancellationToken cancellationToken)
    {
        if (!await MarkerTableReading.IsReadableAsync(source, cancellationToken))
            return (null, null);
        return await source.SingleAsync(
            $"""
            SELECT max({MarkerTable.Number}), max(written_at), min(written_at) FILTER (WHERE {MarkerTable.Number} > $1 AND written_at > $2)
            FROM {Sql.Identifier(MarkerTable.Name)}
            """,
            row => row.IsDBNull(0)
                ? default((MarkerPoint?, DateTime?))
                : (new MarkerPoint(row.GetInt64(0), row.GetDateTime(1)), row.IsDBNull(2) ? null : row.GetDateTime(2)),
            cancellationToken, newestInLake?.Number ?? 0, beganUtc);
    }
}
