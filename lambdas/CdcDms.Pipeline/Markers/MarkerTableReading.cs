using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Markers;

/// <summary>Whether the table of markers can be read.</summary>
internal static class MarkerTableReading
{
    /// <summary>Whether the source has the table of markers, and lets this role read it.</summary>
    public static Task<bool> IsReadableAsync(NpgsqlConnection source, CancellationToken cancellationToken) => source.ScalarAsync<bool>(
        """
        SELECT EXISTS (
            SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = $1 AND c.relname = $2
                AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'))
        """,
        cancellationToken, MarkerTable.Name.Schema, MarkerTable.Name.Name);
}
