using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Catalog;

/// <summary>Writes complete table definitions from a source database's catalog.</summary>
/// <param name="sourceConnection">Connection string of the source database.</param>
public sealed class TableDescriber(string sourceConnection)
{
    private const string TargetSchema = "analytics";

    private const string TablesSql = """
        SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'cdc')
          AND c.relname !~ '^awsdms_'
        ORDER BY n.nspname, c.relname
        """;

    // Types that a source defines for itself (enums, composites, extensions) need not exist in analytics: there they are text. A domain is
    // its base type.
    private static readonly string ColumnsSql = $"""
        SELECT a.attname, CASE WHEN coalesce(e.typnamespace, b.typnamespace) = 'pg_catalog'::regnamespace
            THEN format_type(b.oid, d.modifier)
            WHEN b.typelem <> 0 AND b.typcategory = 'A' THEN 'text[]' ELSE 'text' END
        FROM pg_attribute a CROSS JOIN LATERAL ({BaseTypes.Below("a.atttypid", "a.atttypmod")}) d
        JOIN pg_type b ON b.oid = d.type
        LEFT JOIN pg_type e ON e.oid = b.typelem AND b.typcategory = 'A'
        WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum
        """;

    // The primary key, else the index that the table names as its replica identity.
    private const string KeySql = """
        SELECT a.attname FROM (
            SELECT indrelid, indkey[0:indnkeyatts - 1] AS indkey FROM pg_index
            WHERE indrelid = $1::regclass AND (indisprimary OR indisreplident) ORDER BY indisprimary DESC LIMIT 1) i
        CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum ORDER BY k.place
        """;

    /// <summary>Describes tables.</summary>
    /// <param name="wanted">The tables; none means all of the database.</param>
    /// <param name="cancellationToken">Ends the look-up.</param>
    /// <returns>Complete definitions with targets in the schema <c>analytics</c>; a table without a key has none.</returns>
    /// <exception cref="CdcDmsException">The source database cannot be used, or a wanted table does not exist.</exception>
    public async Task<IReadOnlyList<TableDefinition>> DescribeAsync(IReadOnlyList<TableName> wanted, CancellationToken cancellationToken)
    {
        await using var source = await Database.OpenAsync(sourceConnection, "source", cancellationToken);
        try
        {
            return await DescribeAsync(source, wanted, cancellationToken);
        }
        catch (NpgsqlException fault)
        {
            throw PostgresFault.Tell(fault, "The tables of the source database were not described");
        }
    }

    private static async Task<IReadOnlyList<TableDefinition>> DescribeAsync(
        NpgsqlConnection source, IReadOnlyList<TableName> wanted, CancellationToken cancellationToken)
    {
        var all = await source.QueryAsync(TablesSql, row => new TableName(row.GetString(0), row.GetString(1)), cancellationToken)
            .ToListAsync(cancellationToken);
        var missing = wanted.Except(all).ToList();
        if (missing.Count > 0)
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"The source database has no table {string.Join(", ", missing)}; it has {string.Join(", ", all)}.");

        var names = wanted.Count > 0 ? wanted : all;
        var alone = names.CountBy(name => name.Name).Where(same => same.Value == 1).Select(same => same.Key).ToHashSet();
        var tables = new List<TableDefinition>();
        foreach (var name in names)
        {
            var identifier = Sql.Identifier(name);
            var key = await source.QueryAsync(KeySql, row => row.GetString(0), cancellationToken, identifier)
                .ToListAsync(cancellationToken);
            var columns = await source.QueryAsync(ColumnsSql, Column, cancellationToken, identifier).ToListAsync(cancellationToken);
            tables.Add(new TableDefinition
            {
                Schema = name.Schema,
                Name = name.Name,
                Target = new TableName(TargetSchema, alone.Contains(name.Name) ? name.Name : $"{name.Schema}_{name.Name}").ToString(),
                Key = key.Count > 0 ? key : null,
                // The list is complete as of today, not a choice of columns.
                NewColumns = NewColumnPolicy.Add,
                Columns = columns,
            });
        }

        return tables;
    }

    private static ColumnMapping Column(NpgsqlDataReader row) =>
        new() { From = row.GetString(0), To = row.GetString(0), Type = row.GetString(1) };
}
