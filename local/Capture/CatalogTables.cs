using System.Text.Json;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Local.Capture;

/// <summary>Reads captured tables from the source's catalog, all in one statement: a running capture looks at each flush.</summary>
internal static class CatalogTables
{
    // Plain catalog tables where there are any: a snapshot that is given to a transaction holds for them, not for PostgreSQL's functions.
    private const string Find =
        """
        WITH RECURSIVE tree (root, oid, link) AS (
          SELECT c.oid, c.oid, NULL::text FROM pg_class c WHERE c.oid = ANY ($1::bigint[]::oid[]) AND c.relkind IN ('r', 'p')
          UNION ALL
          SELECT tree.root, i.inhrelid, i.xmin::text
          FROM tree JOIN pg_class p ON p.oid = tree.oid AND p.relkind = 'p' JOIN pg_inherits i ON i.inhparent = tree.oid),
        relation AS (
          SELECT tree.root, tree.oid, tree.link, n.nspname, c.relname, c.relfilenode::bigint AS file, concat_ws(' ', c.relreplident,
            (SELECT string_agg(format('%s %s', CASE WHEN i.indisprimary THEN 'primary' ELSE 'identity' END, (
                SELECT string_agg(quote_ident(a.attname), ' ' ORDER BY a.attnum) FROM pg_attribute a
                WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1]))), ' ' ORDER BY i.indisprimary)
              FROM pg_index i WHERE i.indrelid = c.oid AND (i.indisprimary OR i.indisreplident))) AS identity
          FROM tree JOIN pg_class c ON c.oid = tree.oid JOIN pg_namespace n ON n.oid = c.relnamespace)
        SELECT EXISTS (SELECT FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid
                       WHERE p.pubname = $2 AND r.prrelid = t.oid),
          json_build_object('schema', t.nspname, 'name', t.relname, 'oid', t.oid::bigint, 'file', t.file, 'identity', t.identity,
            'columns', coalesce((
              SELECT json_agg(json_build_object('name', a.attname, 'number', a.attnum, 'type', format_type(a.atttypid, a.atttypmod))
                ORDER BY a.attnum)
              FROM pg_attribute a
              WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''), '[]'::json),
            'partitions', coalesce((
              SELECT json_agg(json_build_object('name', p.nspname || '.' || p.relname, 'oid', p.oid::bigint, 'file', p.file,
                'link', p.link, 'identity', p.identity) ORDER BY p.nspname, p.relname)
              FROM relation p WHERE p.root = t.root AND p.oid <> t.oid), '[]'::json))::text
        FROM relation t WHERE t.oid = t.root
        """;

    // PARTITION OF makes a table with its columns and its type by one command; ATTACH writes the columns of a table that is there already
    // anew. cmin is a command's number in its transaction (xmin).
    private const string Filled =
        """
        SELECT n.nspname || '.' || c.relname
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          JOIN pg_inherits i ON i.inhrelid = c.oid JOIN pg_type t ON t.typrelid = c.oid
        WHERE c.oid = ANY ($1::bigint[]::oid[]) AND (c.relkind = 'p' OR pg_relation_size(c.oid) > 0)
          AND NOT (t.xmin = i.xmin AND EXISTS (
            SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND a.xmin = t.xmin AND a.cmin = t.cmin))
        ORDER BY 1
        """;

    /// <summary>Reads tables by their OIDs; those that are gone are left out.</summary>
    /// <param name="publication">The publication that shall hold them.</param>
    public static async Task<IReadOnlyList<(bool Published, CapturedTable Table)>> ReadAsync(
        NpgsqlConnection connection, string publication, IEnumerable<uint> oids, CancellationToken cancellationToken) =>
        await connection
            .QueryAsync(
                Find,
                row => (row.GetBoolean(0), JsonSerializer.Deserialize(row.GetString(1), CheckpointJson.Default.CapturedTable)!),
                cancellationToken,
                oids.Select(oid => (long)oid).ToArray(),
                publication)
            .ToListAsync(cancellationToken);

    /// <summary>What the checkpoint keeps of tables that are captured.</summary>
    public static async Task<IReadOnlyList<CapturedTable>> DescribeAsync(
        NpgsqlConnection connection, string publication, IReadOnlyList<SourceTable> tables, CancellationToken cancellationToken)
    {
        var found = await ReadAsync(connection, publication, tables.Select(table => table.Oid), cancellationToken);
        return [.. found
            .Join(tables, entry => entry.Table.Oid, table => table.Oid, (entry, table) => entry.Table with { Key = table.Key })
            .OrderBy(table => table.TableName.ToString(), StringComparer.Ordinal)];
    }

    /// <summary>Of partitions that are new, those that may have had rows when they became one.</summary>
    public static async Task<IReadOnlyList<string>> FilledAsync(
        NpgsqlConnection connection, IEnumerable<CapturedPartition> partitions, CancellationToken cancellationToken) =>
        await connection
            .QueryAsync(Filled, row => row.GetString(0), cancellationToken, partitions.Select(partition => (long)partition.Oid).ToArray())
            .ToListAsync(cancellationToken);
}
