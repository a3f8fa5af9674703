using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Preflight;

/// <summary>Which columns the files of each target have had, as the ledger knows.</summary>
internal static class SeenColumns
{
    // Nothing is known where there is no ledger, or where the role may not read it, which is told as a missing right.
    private const string MayRead =
        """
        SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
          WHERE n.nspname = 'cdc' AND c.relname = 'tables' AND a.attname = 'seen_columns' AND NOT a.attisdropped
            AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'))
        """;

    private const string Find =
        "SELECT target_schema, target_name, ARRAY(SELECT jsonb_object_keys(seen_columns)) FROM cdc.tables";

    public static async Task<IReadOnlyDictionary<TableName, IReadOnlySet<string>>> ReadAsync(
        NpgsqlConnection target, CancellationToken cancellationToken) =>
        await target.ScalarAsync<bool>(MayRead, cancellationToken)
            ? await target.QueryAsync(
                Find,
                row => (Name: new TableName(row.GetString(0), row.GetString(1)), Seen: row.GetFieldValue<string[]>(2)),
                cancellationToken).ToDictionaryAsync(
                    table => table.Name, IReadOnlySet<string> (table) => table.Seen.ToHashSet(), cancellationToken: cancellationToken)
            : new Dictionary<TableName, IReadOnlySet<string>>();
}
