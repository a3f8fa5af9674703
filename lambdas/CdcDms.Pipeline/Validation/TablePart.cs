using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Validation;

/// <summary>A table, or a leaf of a partitioned one, that is scanned by itself.</summary>
/// <param name="Oid">The relation's OID.</param>
/// <param name="Rows">The relation's own rows, as they stand in a <c>FROM</c> clause.</param>
/// <param name="FileNode">The file of its rows: TRUNCATE, VACUUM FULL and CLUSTER give a relation another one.</param>
/// <param name="HasRanges">Whether a range of its rows can be read without reading the others.</param>
internal sealed record TablePart(long Oid, string Rows, long FileNode, bool HasRanges)
{
    // TID range scans came with PostgreSQL 14. Only of PostgreSQL's own storage is it known that it has them; a foreign table has none.
    private const string PartsSql = """
        SELECT c.oid::bigint, quote_ident(n.nspname) || '.' || quote_ident(c.relname), coalesce(pg_relation_filenode(c.oid), 0)::bigint,
            c.relkind = 'r' AND c.relam = (SELECT oid FROM pg_am WHERE amname = 'heap')
                AND current_setting('server_version_num')::integer >= 140000,
            has_any_column_privilege(c.oid, 'SELECT')
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE CASE WHEN $2 THEN c.oid IN (SELECT relid FROM pg_partition_tree(to_regclass($1)) WHERE isleaf)
            ELSE c.oid = to_regclass($1) END
        ORDER BY c.oid
        """;

    /// <summary>The parts of a table as they are now.</summary>
    public static async Task<IReadOnlyList<TablePart>> FindAsync(
        NpgsqlConnection connection, CatalogTable table, CancellationToken cancellationToken)
    {
        var found = await connection.QueryAsync(
            PartsSql,
            row => (
                Part: new TablePart(row.GetInt64(0), $"ONLY {row.GetString(1)}", row.GetInt64(2), row.GetBoolean(3)),
                IsReadable: row.GetBoolean(4)),
            cancellationToken, Sql.Identifier(table.Name), table.IsPartitioned).ToListAsync(cancellationToken);
        // A role that may read the table need not be allowed to read its partitions. Then the table is read as one, and a change of the
        // files of its partitions still shows in the sum of their numbers.
        return found.TrueForAll(part => part.IsReadable) || !table.IsPartitioned
            ? [.. found.Select(part => part.Part)]
            : [new TablePart(0, table.OwnRows, found.Sum(part => part.Part.FileNode), HasRanges: false)];
    }

    /// <summary>The ranges that the part's rows are in now; the last one is open, so rows that come later are in it.</summary>
    public async Task<IReadOnlyList<TableRange>> RangesAsync(
        NpgsqlConnection connection, long rangeBytes, CancellationToken cancellationToken)
    {
        if (!HasRanges)
            return [new TableRange(this, 0, null)];
        var (bytes, blockBytes) = await connection.SingleAsync(
            "SELECT coalesce(pg_relation_size($1::oid), 0), current_setting('block_size')::bigint",
            row => (row.GetInt64(0), row.GetInt64(1)), cancellationToken, Oid);
        var (blocks, step) = (bytes / blockBytes, Math.Max(1, rangeBytes / blockBytes));
        var ranges = new List<TableRange>();
        for (var first = 0L; first == 0 || first < blocks; first += step)
            ranges.Add(new TableRange(this, first, first + step < blocks ? first + step : null));
        return ranges;
    }
}

/// <summary>Blocks of a part, read by one statement.</summary>
/// <param name="Part">The part.</param>
/// <param name="FirstBlock">The first block.</param>
/// <param name="EndBlock">The first block after the range; null for an open end.</param>
internal sealed record TableRange(TablePart Part, long FirstBlock, long? EndBlock)
{
    /// <summary>Names of the columns of which some value in the range is refused by the other side's type.</summary>
    public IReadOnlySet<string> Refused { get; init; } = new HashSet<string>();

    /// <summary>The conditions that choose the range's rows; none for all of them.</summary>
    public IEnumerable<string> Conditions =>
    [
        .. FirstBlock > 0 ? new[] { $"ctid >= '({FirstBlock},0)'::tid" } : [],
        .. EndBlock is { } end ? new[] { $"ctid < '({end},0)'::tid" } : [],
    ];
}
