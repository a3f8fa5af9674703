using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Local.ChangeFiles;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Local.Capture;

/// <summary>Reads what the capture must know of its tables from PostgreSQL's catalog, and refuses what it cannot capture.</summary>
internal static class SourceTables
{
    private const string Find =
        """
        SELECT c.oid, c.relkind = 'p', c.relreplident::text,
          ARRAY(SELECT a.attname::text FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY k (number, place)
                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
                WHERE i.indrelid = c.oid AND i.indisprimary ORDER BY k.place),
          ARRAY(SELECT a.attname::text FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY k (number, place)
                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
                WHERE i.indrelid = c.oid AND i.indisreplident ORDER BY k.place),
          ARRAY(SELECT a::oid FROM pg_partition_ancestors(c.oid) a WHERE a <> c.oid)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p') AND c.relpersistence = 'p'
        """;

    private const string Attributes =
        """
        SELECT a.attname::text, a.atttypid, a.atttypmod, quote_ident(pn.nspname) || '.' || quote_ident(p.proname)
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
          JOIN pg_proc p ON p.oid = t.typoutput JOIN pg_namespace pn ON pn.oid = p.pronamespace
        WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum
        """;

    /// <summary>Reads the tables of the definitions, in their order.</summary>
    /// <exception cref="CdcDmsException">A table cannot be captured.</exception>
    public static async Task<IReadOnlyList<SourceTable>> ReadAsync(
        NpgsqlConnection connection, string source, IReadOnlyList<TableDefinition> definitions, CancellationToken cancellationToken)
    {
        var tables = new List<SourceTable>();
        foreach (var definition in definitions)
        {
            CheckName(definition.Source);
            tables.Add(await ReadAsync(connection, source, definition, cancellationToken));
        }

        // The stream would say everything under the root's name, and the partition's folder would stay behind in silence.
        if (tables.FirstOrDefault(table => tables.Any(other => table.Ancestors.Contains(other.Oid))) is { } partition)
            throw new CdcDmsException(ErrorKind.BadDefinition,
                $"Table {partition.Name} is a partition of another defined table; define the partitioned table or its partitions, not "
                + "both.");
        return tables;
    }

    private static async Task<SourceTable> ReadAsync(
        NpgsqlConnection connection, string source, TableDefinition definition, CancellationToken cancellationToken)
    {
        var name = definition.Source;
        var found = await connection
            .QueryAsync(Find,
                row => (
                    Oid: row.GetFieldValue<uint>(0),
                    Partitioned: row.GetBoolean(1),
                    Identity: row.GetString(2),
                    Primary: row.GetFieldValue<string[]>(3),
                    Index: row.GetFieldValue<string[]>(4),
                    Ancestors: row.GetFieldValue<uint[]>(5)),
                cancellationToken, name.Schema, name.Name)
            .ToListAsync(cancellationToken);
        if (found is not [var table])
            throw new CdcDmsException(ErrorKind.BadDefinition,
                $"Table {name} does not exist in the source {source}, or it is a view, a foreign, temporary or unlogged table; correct its "
                + "definition.");

        var columns = await ReadColumnsAsync(connection, table.Oid, cancellationToken);
        DmsTypes.CheckNames(name.ToString(), [.. columns.Select(column => column.Column)]);
        // What the WAL says of an old row: its primary key, an index's columns, everything or nothing (ALTER TABLE, REPLICA IDENTITY).
        IReadOnlyList<string> identified = table.Identity switch
        {
            "d" => table.Primary,
            "i" => table.Index,
            "f" => [.. columns.Select(column => column.Column.Name)],
            _ => [],
        };
        var key = definition.Key ?? (table.Primary.Length > 0 ? table.Primary : table.Index);
        if (key.Count == 0)
            throw new CdcDmsException(ErrorKind.BadDefinition,
                $"Table {name} has no primary key; give its definition a key and run ALTER TABLE {name} REPLICA IDENTITY FULL at the "
                + "source.");
        if (key.FirstOrDefault(column => !identified.Contains(column)) is { } missing)
            throw new CdcDmsException(ErrorKind.BadDefinition,
                $"The source does not log {missing}, of the key of {name}, when a row is updated or deleted; run ALTER TABLE {name} "
                + "REPLICA IDENTITY FULL there, or correct the key.");
        return new SourceTable
        {
            Name = name,
            Oid = table.Oid,
            Ancestors = table.Ancestors,
            Partitioned = table.Partitioned,
            Key = key,
            Columns = columns,
        };
    }

    private static async Task<IReadOnlyList<SourceColumn>> ReadColumnsAsync(
        NpgsqlConnection connection, uint oid, CancellationToken cancellationToken)
    {
        var found = await connection
            .QueryAsync(
                Attributes,
                row => (
                    Name: row.GetString(0), Type: new ModifiedType(row.GetFieldValue<uint>(1), row.GetInt32(2)), Output: row.GetString(3)),
                cancellationToken,
                (long)oid)
            .ToListAsync(cancellationToken);
        var columns = await CapturedColumns.FindAsync(
            connection, [.. found.Select(column => (column.Name, column.Type))], cancellationToken);
        return [.. columns.Zip(found, (column, attribute) => new SourceColumn(column, attribute.Output))];
    }

    // A name is a folder of the lake: it must be one, and not ours.
    private static void CheckName(TableName name)
    {
        if (name.Schema == LakeLayout.OwnFolder)
            throw new CdcDmsException(ErrorKind.BadDefinition,
                $"Schema {name.Schema} cannot be captured: the lake keeps its own objects in a folder of that name; rename the schema at "
                + "the source.");
        if (name.Schema.Contains('/', StringComparison.Ordinal) || name.Name.Contains('/', StringComparison.Ordinal)
            || name.Schema is "." or ".." || name.Name is "." or "..")
            throw new CdcDmsException(ErrorKind.BadDefinition,
                $"Table {name} cannot be captured: schema and table name the lake's folders, so neither may hold a slash or be a dot; "
                + "rename it at the source.");
    }
}
