using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Preflight;

/// <summary>A column as <c>ALTER COLUMN … TYPE</c> meets it: what forbids another type, and what the statement would take away.</summary>
internal sealed record AlterableColumn
{
    // What PostgreSQL refuses to alter is what ATExecAlterColumnType and find_composite_type_dependencies do (src/backend/commands/
    // tablecmds.c); children and partitions are altered with the table. Since PostgreSQL 12 a column of a partition key depends on its own
    // table.
    private static readonly string Find =
        $"""
        WITH RECURSIVE tree (root, oid) AS (
          SELECT t::oid, t::oid FROM unnest($1::oid[]) t
          UNION SELECT tree.root, i.inhrelid FROM tree JOIN pg_inherits i ON i.inhparent = tree.oid),
        part AS (
          SELECT tree.root, tree.oid, a.attname, a.attnum, c.reltype, y.typarray
          FROM tree JOIN pg_class c ON c.oid = tree.oid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            LEFT JOIN pg_type y ON y.oid = c.reltype),
        used (root, attname, forbids, name) AS (
          SELECT p.root, p.attname,
            CASE WHEN d.classid IN ('pg_rewrite'::regclass, 'pg_trigger'::regclass, 'pg_policy'::regclass, 'pg_proc'::regclass,
                'pg_publication_rel'::regclass, 'pg_attrdef'::regclass) THEN true
              WHEN d.classid = 'pg_constraint'::regclass THEN (
                SELECT false FROM pg_constraint c WHERE c.oid = d.objid AND c.contype = 'c')
              WHEN d.classid = 'pg_class'::regclass THEN (
                SELECT false FROM pg_index i WHERE i.indexrelid = d.objid AND num_nonnulls(i.indexprs, i.indpred) > 0) END,
            {DependentObject.Named("d")}
          FROM part p JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = p.oid AND d.refobjsubid = p.attnum
          WHERE NOT EXISTS (SELECT FROM pg_attrdef f
            WHERE d.classid = 'pg_attrdef'::regclass AND f.oid = d.objid AND f.adrelid = p.oid AND f.adnum = p.attnum)
          UNION SELECT p.root, p.attname, true, {DependentObject.Named("d")}
          FROM part p JOIN pg_depend d ON d.refclassid = 'pg_type'::regclass AND d.refobjid IN (p.reltype, p.typarray)
            JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid AND c.relkind IN ('r', 'm', 'p')),
        fixed (root, attname, table_name) AS (
          SELECT p.root, p.attname, p.oid::regclass::text
          FROM part p JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = p.oid AND d.objsubid = p.attnum
            AND d.refclassid = 'pg_class'::regclass AND d.refobjid = p.oid AND d.refobjsubid = 0 AND d.deptype = 'i')
        SELECT c.oid, a.attname, format_type(a.atttypid, a.atttypmod), b.typname, d.modifier,
          CASE WHEN t.typtype = 'd' THEN format_type(t.oid, NULL) END,
          coalesce((SELECT format(' COLLATE %I.%I', n.nspname, l.collname)
            FROM pg_collation l JOIN pg_namespace n ON n.oid = l.collnamespace
            WHERE l.oid = a.attcollation AND l.collname <> 'default'), ''),
          concat(
            CASE WHEN a.attstorage <> t.typstorage THEN format(', ALTER COLUMN %I SET STORAGE %s', a.attname, CASE a.attstorage
              WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END) END,
            CASE to_jsonb(a) ->> 'attcompression' WHEN 'p' THEN format(', ALTER COLUMN %I SET COMPRESSION pglz', a.attname)
              WHEN 'l' THEN format(', ALTER COLUMN %I SET COMPRESSION lz4', a.attname) END),
          CASE WHEN c.reloftype <> 0 THEN format('the table is of the type %s', format_type(c.reloftype, NULL))
            WHEN a.attinhcount > 0 THEN 'the column comes from the table that this one is a part of'
            ELSE (SELECT 'it is in the partition key of ' || string_agg(DISTINCT f.table_name, ', ') FROM fixed f
              WHERE f.root = c.oid AND f.attname = a.attname) END,
          ARRAY(SELECT DISTINCT u.name FROM used u WHERE u.root = c.oid AND u.attname = a.attname AND u.forbids ORDER BY 1),
          ARRAY(SELECT DISTINCT u.name FROM used u WHERE u.root = c.oid AND u.attname = a.attname AND NOT u.forbids ORDER BY 1)
            || CASE WHEN a.attidentity <> '' THEN ARRAY['its identity'] WHEN a.atthasdef THEN ARRAY['its default'] END,
          EXISTS (SELECT FROM fixed f WHERE f.root = c.oid AND f.attname = a.attname)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          JOIN pg_type t ON t.oid = a.atttypid CROSS JOIN LATERAL ({BaseTypes.Below("a.atttypid", "a.atttypmod")}) d
          JOIN pg_type b ON b.oid = d.type
        WHERE c.oid = ANY ($1::oid[])
        """;

    /// <summary>The column's name.</summary>
    public required string Name { get; init; }

    /// <summary>The type as a definition has it, such as <c>numeric(12,2)</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The name of the type in <c>pg_type</c>; of the type below a domain.</summary>
    public required string BaseTypeName { get; init; }

    /// <summary>Its length, precision or scale as PostgreSQL keeps them; −1 for none.</summary>
    public required int Modifier { get; init; }

    /// <summary>The domain that the column is of; null for none.</summary>
    public required string? Domain { get; init; }

    /// <summary>A <c>COLLATE</c> clause unless the collation is the database's, else empty. A new type is without it.</summary>
    public required string Collate { get; init; }

    /// <summary>Clauses for a storage and a compression of its own, which another type does not keep either.</summary>
    public required string Storage { get; init; }

    /// <summary>Why the column can have no other type at all, as half a sentence; null when it can.</summary>
    public required string? Impossible { get; init; }

    /// <summary>What uses the column, so that PostgreSQL gives it no other type: views, generated columns, policies and such.</summary>
    public required IReadOnlyList<string> Users { get; init; }

    /// <summary>What has to hold for another type as well: checks, expressions of indexes, a default.</summary>
    public required IReadOnlyList<string> Bound { get; init; }

    /// <summary>Whether rows are put into partitions by the column.</summary>
    public required bool IsOfPartitionKey { get; init; }

    /// <summary>The columns of tables, by the table's OID.</summary>
    public static async Task<ILookup<uint, AlterableColumn>> ReadAsync(
        NpgsqlConnection connection, IEnumerable<uint> tables, CancellationToken cancellationToken) =>
        (await connection.QueryAsync(
            Find, row => (Table: row.GetFieldValue<uint>(0), Column: Read(row)), cancellationToken,
            tables.Select(oid => (long)oid).ToArray()).ToListAsync(cancellationToken))
            .ToLookup(found => found.Table, found => found.Column);

    private static AlterableColumn Read(NpgsqlDataReader row) => new()
    {
        Name = row.GetString(1),
        Type = row.GetString(2),
        BaseTypeName = row.GetString(3),
        Modifier = row.GetInt32(4),
        Domain = row.IsDBNull(5) ? null : row.GetString(5),
        Collate = row.GetString(6),
        Storage = row.GetString(7),
        Impossible = row.IsDBNull(8) ? null : row.GetString(8),
        Users = row.GetFieldValue<string[]>(9),
        Bound = row.GetFieldValue<string[]>(10),
        IsOfPartitionKey = row.GetBoolean(11),
    };
}
