using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Catalog;

/// <summary>Writes complete table definitions from a source database's catalog.</summary>
/// <param name="sourceConnection">Connection string of the source database.</param>
public sealed class TableDescriber(string sourceConnection)
{
    // Tables of the pipeline's and of DMS's own are nobody's. A partition is described where it is named.
    private const string TablesSql = """
        SELECT n.nspname, c.relname, c.oid::bigint, (
            SELECT e.extname FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
            WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e')
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND (NOT c.relispartition OR (n.nspname, c.relname) IN (
            SELECT named.schema, named.name FROM unnest($1::text[], $2::text[]) named (schema, name))) AND n.nspname !~ '^pg_'
          AND n.nspname NOT IN ('information_schema', 'cdc', 'cdcdms') AND c.relname !~ '^awsdms_'
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
        WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum
        """;

    // What the source logs of an old row: the index that the table names as its replica identity, else the primary key.
    private const string KeySql = """
        SELECT a.attname FROM (
            SELECT indrelid, indkey[0:indnkeyatts - 1] AS indkey FROM pg_index
            WHERE indrelid = $1::oid AND (indisprimary OR indisreplident) ORDER BY indisreplident DESC LIMIT 1) i
        CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum ORDER BY k.place
        """;

    /// <summary>Describes tables.</summary>
    /// <param name="wanted">The tables; none means all of the database.</param>
    /// <param name="cancellationToken">Ends the look-up.</param>
    /// <returns>Complete definitions with targets in the schema <c>analytics</c>; a table without a key has none.</returns>
    /// <exception cref="CdcDmsException">The source database cannot be used.</exception>
    public async Task<TableDescription> DescribeAsync(IReadOnlyList<TableName> wanted, CancellationToken cancellationToken)
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

    private static async Task<TableDescription> DescribeAsync(
        NpgsqlConnection source, IReadOnlyList<TableName> wanted, CancellationToken cancellationToken)
    {
        var all = await source.QueryAsync(
            TablesSql,
            row => (
                Name: new TableName(row.GetString(0), row.GetString(1)),
                Oid: row.GetInt64(2),
                Extension: row.IsDBNull(3) ? null : row.GetString(3)),
            cancellationToken,
            wanted.Select(name => name.Schema).ToArray(),
            wanted.Select(name => name.Name).ToArray()).ToListAsync(cancellationToken);
        var names = all.Select(table => table.Name).ToList();
        var missing = wanted.Except(names).Select(name => new TableFault(
            name.ToString(),
            $"The source database has no table {name}; it has {(names.Count > 0 ? string.Join(", ", names) : "none")}."
            + string.Concat(names.Where(table => table.Name == name.Name).Take(1).Select(
                table => " A table is described by its name at the source, not by its target's: if it is the one that is meant, write "
                    + $"{table}."))));
        var ofExtensions = all.Where(table => table.Extension is not null && wanted.Count == 0).ToList();
        var described = wanted.Count > 0 ? all.FindAll(table => wanted.Contains(table.Name)) : all.Except(ofExtensions).ToList();

        var targets = DescribedTargets.Of([.. described.Select(table => table.Name)]);
        var tables = new List<TableDefinition>();
        foreach (var (name, oid, _) in described)
        {
            var key = await source.QueryAsync(KeySql, row => row.GetString(0), cancellationToken, oid).ToListAsync(cancellationToken);
            tables.Add(new TableDefinition
            {
                Schema = name.Schema,
                Name = name.Name,
                Target = targets[name].ToString(),
                Key = key.Count > 0 ? key : null,
                // The list is complete as of today, not a choice of columns.
                NewColumns = NewColumnPolicy.Add,
                Columns = await source.QueryAsync(ColumnsSql, Column, cancellationToken, oid).ToListAsync(cancellationToken),
            });
        }

        return new TableDescription(
            tables,
            [
                .. missing,
                .. ofExtensions.Select(table => new TableFault(
                    table.Name.ToString(),
                    $"Table {table.Name} belongs to the extension {table.Extension}; name the table if it shall be replicated.")),
            ]);
    }

    private static ColumnMapping Column(NpgsqlDataReader row) =>
        new() { From = row.GetString(0), To = row.GetString(0), Type = row.GetString(1) };
}

/// <summary>The tables of a source database.</summary>
/// <param name="Tables">Definitions of those that are described.</param>
/// <param name="LeftOut">Tables that are not described although they are there, or although they were wanted.</param>
public sealed record TableDescription(IReadOnlyList<TableDefinition> Tables, IReadOnlyList<TableFault> LeftOut);
