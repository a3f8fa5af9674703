using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Validation;

/// <summary>A table as it is now, in ranges that are read one after the other.</summary>
/// <param name="Ranges">The ranges.</param>
/// <param name="Bytes">Size of the rows, without large values that are kept apart.</param>
internal sealed record TableRanges(IReadOnlyList<TableRange> Ranges, long Bytes)
{
    // TID range scans came with PostgreSQL 14. Only of PostgreSQL's own storage is it known that it has them; a foreign table has none.
    private const string PartsSql = """
        SELECT c.oid::bigint, quote_ident(n.nspname) || '.' || quote_ident(c.relname), coalesce(pg_relation_filenode(c.oid), 0)::bigint,
            c.relkind = 'r' AND c.relam = (SELECT oid FROM pg_am WHERE amname = 'heap')
                AND current_setting('server_version_num')::integer >= 140000,
            coalesce(pg_relation_size(c.oid), 0), current_setting('block_size')::bigint, has_any_column_privilege(c.oid, 'SELECT'),
            coalesce(pg_table_size(c.oid), 0)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE CASE WHEN $2 THEN c.oid IN (SELECT relid FROM pg_partition_tree(to_regclass($1)) WHERE isleaf)
            ELSE c.oid = to_regclass($1) END
        ORDER BY c.oid
        """;

    private sealed record Found(TablePart Part, bool HasRanges, long Bytes, long BlockBytes, bool IsReadable, long ReadBytes);

    /// <summary>Looks at a table.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="table">The table.</param>
    /// <param name="rangeBytes">Bytes of a range, with its large values.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    public static async Task<TableRanges> FindAsync(
        NpgsqlConnection connection, CatalogTable table, long rangeBytes, CancellationToken cancellationToken)
    {
        var found = await connection.QueryAsync(
            PartsSql,
            row => new Found(
                new TablePart(row.GetInt64(0), $"ONLY {row.GetString(1)}", row.GetInt64(2)),
                row.GetBoolean(3), row.GetInt64(4), row.GetInt64(5), row.GetBoolean(6), row.GetInt64(7)),
            cancellationToken, Sql.Identifier(table.Name), table.IsPartitioned).ToListAsync(cancellationToken);
        var bytes = found.Sum(part => part.Bytes);
        // A role that may read the table need not be allowed to read its partitions. Then the table is read as one, and a change of the
        // files of its partitions still shows in the sum of their numbers.
        return found.TrueForAll(part => part.IsReadable) || !table.IsPartitioned
            ? new TableRanges([.. found.SelectMany(part => Of(part, rangeBytes))], bytes)
            : new TableRanges([Whole(new TablePart(0, table.OwnRows, found.Sum(part => part.Part.FileNode)))], bytes);
    }

    private static IEnumerable<TableRange> Of(Found part, long rangeBytes)
    {
        if (!part.HasRanges)
            return [Whole(part.Part)];
        // Large values are kept apart, and read with the blocks that point to them.
        var blocks = part.Bytes / part.BlockBytes;
        var step = Math.Max(1, (long)(blocks * (rangeBytes / (double)Math.Max(rangeBytes, part.ReadBytes))));
        return
        [
            .. Enumerable.Range(0, (int)Math.Max(1, (blocks + step - 1) / step)).Select(
                range => new TableRange(part.Part, range * step, (range + 1) * step < blocks ? (range + 1) * step : null)),
        ];
    }

    private static TableRange Whole(TablePart part) => new(part, 0, null);
}
