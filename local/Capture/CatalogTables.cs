using System.Text.Json;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Local.Capture;

/// <summary>Reads captured tables from the source's catalog, all in one statement: a running capture looks at each flush.</summary>
internal static class CatalogTables
{
    // What a column's type is made of, as far as it is no type of PostgreSQL's own, whose OIDs are lower.
    private const string Types =
        """
        WITH RECURSIVE part (oid) AS (
          SELECT a.atttypid FROM pg_attribute a
          WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.atttypid >= 16384
          UNION
          SELECT below.oid
          FROM part JOIN pg_type y ON y.oid = part.oid CROSS JOIN LATERAL (
            SELECT unnest(ARRAY[y.typbasetype, y.typelem])
            UNION ALL SELECT r.rngsubtype FROM pg_range r
              -- Multiranges came with PostgreSQL 14.
              WHERE r.rngtypid = y.oid OR (to_jsonb(r) ->> 'rngmultitypid')::oid = y.oid
            UNION ALL SELECT a.atttypid FROM pg_attribute a
              WHERE y.typtype = 'c' AND a.attrelid = y.typrelid AND a.attnum > 0 AND NOT a.attisdropped) below (oid)
          WHERE below.oid >= 16384)
        SELECT y.oid, y.typtype, y.typrelid FROM part JOIN pg_type y ON y.oid = part.oid AND y.typtype IN ('c', 'e')
        """;

    // Plain catalog tables where there are any: a snapshot that is given to a transaction holds for them, not for PostgreSQL's functions.
    private const string Find =
        $"""
        WITH RECURSIVE tree (root, oid, link) AS (
          SELECT c.oid, c.oid, NULL::text FROM pg_class c WHERE c.oid = ANY ($1::bigint[]::oid[]) AND c.relkind IN ('r', 'p')
          UNION ALL
          SELECT tree.root, i.inhrelid, i.xmin::text
          FROM tree JOIN pg_class p ON p.oid = tree.oid AND p.relkind = 'p' JOIN pg_inherits i ON i.inhparent = tree.oid),
        relation AS (
          SELECT tree.root, tree.oid, tree.link, n.nspname, c.relname, c.relfilenode::bigint AS file, concat_ws(' ', c.relreplident,
            CASE WHEN c.relpersistence <> 'p' OR c.relkind = 'f' THEN 'not logged' END,
            (SELECT string_agg(format('%s %s', CASE WHEN i.indisprimary THEN 'primary' ELSE 'identity' END, (
                SELECT string_agg(quote_ident(a.attname), ' ' ORDER BY a.attnum) FROM pg_attribute a
                WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1]))), ' ' ORDER BY i.indisprimary)
              FROM pg_index i WHERE i.indrelid = c.oid AND (i.indisprimary OR i.indisreplident))) AS identity
          FROM tree JOIN pg_class c ON c.oid = tree.oid JOIN pg_namespace n ON n.oid = c.relnamespace),
        published AS (
          SELECT r.prrelid, r.oid, p.pubinsert AND p.pubupdate AND p.pubdelete AND p.pubtruncate AND p.pubviaroot
            AND to_jsonb(r) ->> 'prqual' IS NULL AND to_jsonb(r) ->> 'prattrs' IS NULL AS whole
          FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid WHERE p.pubname = $2)
        SELECT EXISTS (SELECT FROM published p WHERE p.prrelid = t.oid AND p.whole),
          (SELECT format('%s.%s', n.nspname, c.relname)
           FROM pg_partition_ancestors(t.oid) a (oid) JOIN pg_class c ON c.oid = a.oid AND a.oid <> t.oid
             JOIN pg_namespace n ON n.oid = c.relnamespace
             -- Also as one of a schema that is published whole, as since PostgreSQL 15.
             JOIN pg_publication_tables p ON p.pubname = $2 AND p.schemaname = n.nspname AND p.tablename = c.relname LIMIT 1),
          json_build_object('schema', t.nspname, 'name', t.relname, 'oid', t.oid::bigint, 'file', t.file, 'identity', t.identity,
            'fullSince', CASE WHEN t.identity LIKE 'f%' THEN pg_current_wal_insert_lsn()::text END,
            'membership', (SELECT p.oid::bigint FROM published p WHERE p.prrelid = t.oid),
            'unique', coalesce((
              SELECT json_agg((
                SELECT json_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a
                WHERE a.attrelid = t.oid AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1])) ORDER BY i.indexrelid)
              FROM pg_index i
              WHERE i.indrelid = t.oid AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL
                AND i.indexprs IS NULL), '[]'::json),
            'types', coalesce((
              SELECT json_agg(json_build_object('name', format_type(y.oid, NULL), 'oid', y.oid::bigint, 'isEnum', y.typtype = 'e',
                'parts', coalesce((
                  SELECT json_agg(part.name ORDER BY part.place)
                  FROM (
                    SELECT l.enumlabel::text, l.oid::bigint FROM pg_enum l WHERE y.typtype = 'e' AND l.enumtypid = y.oid
                    UNION ALL SELECT a.attnum::text, a.attnum FROM pg_attribute a
                    WHERE y.typtype = 'c' AND a.attrelid = y.typrelid AND a.attnum > 0 AND NOT a.attisdropped) part (name, place)),
                  '[]'::json)) ORDER BY y.oid)
              FROM ({Types}) y), '[]'::json),
            'columns', coalesce((
              SELECT json_agg(json_build_object('name', a.attname, 'number', a.attnum, 'type', format_type(a.atttypid, a.atttypmod),
                'altered', a.xmin::text) ORDER BY a.attnum)
              FROM pg_attribute a
              WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''), '[]'::json),
            'partitions', coalesce((
              SELECT json_agg(json_build_object('name', p.nspname || '.' || p.relname, 'oid', p.oid::bigint, 'file', p.file,
                'link', p.link, 'identity', p.identity,
                'fullSince', CASE WHEN p.identity LIKE 'f%' THEN pg_current_wal_insert_lsn()::text END) ORDER BY p.nspname, p.relname)
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

    // The size of a table that somebody has for himself cannot be read.
    private const string LockTimeout = "500ms";

    /// <summary>Reads tables by their OIDs; those that are gone are left out.</summary>
    /// <param name="publication">The publication that shall hold them.</param>
    /// <returns>
    /// The tables: whether the publication has all their changes, and the name of the table that they are a partition of, if the
    /// publication has that one too.
    /// </returns>
    public static async Task<IReadOnlyList<(bool Published, string? Root, CapturedTable Table)>> ReadAsync(
        NpgsqlConnection connection, string publication, IEnumerable<uint> oids, CancellationToken cancellationToken) =>
        await connection
            .QueryAsync(
                Find,
                row => (
                    row.GetBoolean(0),
                    row.IsDBNull(1) ? null : row.GetString(1),
                    JsonSerializer.Deserialize(row.GetString(2), CheckpointJson.Default.CapturedTable)!),
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
            .Join(
                tables,
                entry => entry.Table.Oid,
                table => table.Oid,
                (entry, table) => entry.Table.By(table.Key, table.Definition.LeaveOut))
            .OrderBy(table => table.TableName.ToString(), StringComparer.Ordinal)];
    }

    /// <summary>Of partitions that are new, those that may have had rows when they became one.</summary>
    /// <returns>Their names; null if somebody has one for himself, as in the middle of an alteration.</returns>
    public static async Task<IReadOnlyList<string>?> FilledAsync(
        NpgsqlConnection connection, IReadOnlyList<CapturedPartition> partitions, CancellationToken cancellationToken)
    {
        if (partitions.Count == 0)
            return [];
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        try
        {
            await connection.ExecuteAsync($"SET LOCAL lock_timeout = '{LockTimeout}'", cancellationToken);
            var oids = partitions.Select(partition => (long)partition.Oid).ToArray();
            return await connection.QueryAsync(Filled, row => row.GetString(0), cancellationToken, oids).ToListAsync(cancellationToken);
        }
        catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            return null;
        }
    }
}
