using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Catalog;

/// <summary>A unique index, also that of a primary key or a unique constraint.</summary>
/// <param name="Name">The index's name; of a partition's own index, with the partition.</param>
/// <param name="IsPrimary">Whether the index is the primary key's.</param>
/// <param name="IsPlain">Whether the index holds at once, for all rows, over columns alone: then it can identify rows.</param>
/// <param name="IsDeferrable">Whether the index may hold at the end of a transaction only.</param>
/// <param name="Columns">The key columns, in the index's order, without those under a collation with another equality.</param>
/// <param name="Removal">How the index, or its constraint, is dropped.</param>
internal sealed record UniqueIndex(
    string Name, bool IsPrimary, bool IsPlain, bool IsDeferrable, IReadOnlyList<string> Columns, Removal Removal)
{
    // A column under a collation that holds other texts equal than its own does not count.
    private static readonly string Find = $"""
        {PartitionTree.Sql}
        SELECT c.relname || tree.of,
            i.indisprimary AND tree.of = '',
            i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indimmediate AND tree.of = '',
            NOT i.indimmediate,
            CASE WHEN k.oid IS NULL THEN format('DROP INDEX %s', i.indexrelid::regclass)
                ELSE format('ALTER TABLE %s DROP CONSTRAINT %I', k.conrelid::regclass, k.conname) END,
            CASE WHEN k.oid IS NULL THEN pg_get_indexdef(i.indexrelid)
                ELSE format('ALTER TABLE %s ADD CONSTRAINT %I %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid)) END,
            CASE WHEN EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = i.indexrelid) THEN '{Removal.OfParent}' ELSE (
                SELECT string_agg(DISTINCT {DependentObject.Named("d")}, ', ') || ' needs it' FROM pg_depend d
                WHERE d.refclassid = 'pg_constraint'::regclass AND d.refobjid = k.oid AND d.classid = 'pg_rewrite'::regclass) END,
            array(
                SELECT a.attname::text
                FROM unnest(i.indkey[0:i.indnkeyatts - 1], i.indcollation::oid[]) WITH ORDINALITY AS e (attnum, l, place)
                JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = e.attnum
                WHERE e.l = a.attcollation
                    OR NOT EXISTS (SELECT FROM pg_collation n WHERE n.oid IN (e.l, a.attcollation) AND NOT n.collisdeterministic)
                ORDER BY e.place)
        FROM tree JOIN pg_index i ON i.indrelid = tree.id JOIN pg_class c ON c.oid = i.indexrelid
        LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u')
        WHERE i.indisunique AND (tree.of = '' OR NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = i.indexrelid))
        ORDER BY tree.of, c.relname
        """;

    /// <summary>The unique indexes of a table, and those that its partitions have besides.</summary>
    public static async Task<IReadOnlyList<UniqueIndex>> ReadAsync(
        NpgsqlConnection connection, long table, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            Find,
            row => new UniqueIndex(
                row.GetString(0), row.GetBoolean(1), row.GetBoolean(2), row.GetBoolean(3), row.GetFieldValue<string[]>(7),
                Removal.Read(row, 4)),
            cancellationToken,
            table).ToListAsync(cancellationToken);
}
