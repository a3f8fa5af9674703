using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Catalog;

/// <summary>A source table that rows are stored in: the application writes into a partitioned table's leaves.</summary>
/// <param name="Quoted">The name as a statement needs it.</param>
/// <param name="Kind">As in <see cref="TableFacts.Kind"/>.</param>
/// <param name="Persistence">As in <see cref="TableFacts.Persistence"/>.</param>
/// <param name="Identity">As in <see cref="TableFacts.Identity"/>; what is logged of an old row is a leaf's own affair.</param>
/// <param name="IndexColumns">The columns of the index that identifies an old row; none if no index does.</param>
/// <param name="Oid">The table's OID in <c>pg_class</c>.</param>
/// <param name="IsSelectable">As in <see cref="TableFacts.IsSelectable"/>.</param>
/// <param name="UnloggedParents">Unlogged tables that it refers to, while which PostgreSQL does not make it a logged one.</param>
public sealed record WrittenTable(
    string Quoted,
    char Kind,
    char Persistence,
    char Identity,
    IReadOnlyList<string> IndexColumns,
    uint Oid,
    bool IsSelectable,
    IReadOnlyList<string> UnloggedParents)
{
    // RelationGetIndexList (src/backend/utils/cache/relcache.c): an index identifies rows if it is valid and holds at once.
    private const string Leaves =
        """
        WITH RECURSIVE tree (root, oid) AS (
          SELECT t::oid, t::oid FROM unnest($1::oid[]) t UNION ALL
          SELECT tree.root, i.inhrelid
          FROM tree JOIN pg_class p ON p.oid = tree.oid AND p.relkind = 'p' JOIN pg_inherits i ON i.inhparent = tree.oid)
        SELECT tree.root, quote_ident(n.nspname) || '.' || quote_ident(c.relname),
          c.relkind::text, c.relpersistence::text, c.relreplident::text,
          ARRAY(SELECT a.attname::text FROM pg_index i
                CROSS JOIN LATERAL unnest(i.indkey[0:i.indnkeyatts - 1]) k (number)
                JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
                WHERE i.indrelid = c.oid AND i.indisvalid AND i.indimmediate
                  AND CASE c.relreplident WHEN 'd' THEN i.indisprimary WHEN 'i' THEN i.indisreplident ELSE false END),
          c.oid, has_table_privilege(c.oid, 'SELECT'),
          ARRAY(SELECT DISTINCT f.confrelid::regclass::text FROM pg_constraint f JOIN pg_class u ON u.oid = f.confrelid
                WHERE f.conrelid = c.oid AND f.contype = 'f' AND u.relpersistence = 'u' AND u.oid <> c.oid)
        FROM tree JOIN pg_class c ON c.oid = tree.oid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind <> 'p' OR c.oid = tree.root ORDER BY 2
        """;

    /// <summary>Whether the table's changes are in the WAL.</summary>
    public bool IsLogged => this is { Kind: 'r' or 'p', Persistence: 'p' };

    /// <summary>For each table, by its OID, the table itself, or its leaves if it is partitioned and has some.</summary>
    internal static async Task<ILookup<uint, WrittenTable>> ReadAsync(
        NpgsqlConnection connection, long[] tables, CancellationToken cancellationToken)
    {
        var found = await connection.QueryAsync(
            Leaves,
            row => (
                Root: row.GetFieldValue<uint>(0),
                Table: new WrittenTable(
                    row.GetString(1), row.GetChar(2), row.GetChar(3), row.GetChar(4), row.GetFieldValue<string[]>(5),
                    row.GetFieldValue<uint>(6), row.GetBoolean(7), row.GetFieldValue<string[]>(8))),
            cancellationToken,
            tables).ToListAsync(cancellationToken);
        var withLeaves = found.Where(entry => entry.Table.Kind != 'p').Select(entry => entry.Root).ToHashSet();
        return found
            .Where(entry => entry.Table.Kind != 'p' || !withLeaves.Contains(entry.Root))
            .ToLookup(entry => entry.Root, entry => entry.Table);
    }
}
