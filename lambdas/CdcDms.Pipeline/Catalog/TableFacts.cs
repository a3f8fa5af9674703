using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Catalog;

/// <summary>What the catalog of a source says of a relation, beside its columns; read for all defined tables at once.</summary>
public sealed record TableFacts
{
    private const string Find =
        """
        SELECT n.nspname, c.relname, c.oid, c.relkind::text, c.relpersistence::text, c.relreplident::text, c.oid < 16384,
          quote_ident(n.nspname), quote_ident(n.nspname) || '.' || quote_ident(c.relname),
          quote_ident(current_user), quote_ident(pg_get_userbyid(c.relowner)), pg_has_role(c.relowner, 'USAGE'),
          has_schema_privilege(n.oid, 'USAGE'), has_table_privilege(c.oid, 'SELECT'), row_security_active(c.oid),
          ARRAY(SELECT a::oid FROM pg_partition_ancestors(c.oid) a WHERE a <> c.oid),
          ARRAY(SELECT quote_ident(m.nspname) || '.' || quote_ident(h.relname)
                FROM pg_inherits i JOIN pg_class h ON h.oid = i.inhrelid JOIN pg_namespace m ON m.oid = h.relnamespace
                WHERE i.inhparent = c.oid AND c.relkind = 'r' ORDER BY 1),
          (SELECT e.extname FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
           WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e')
        FROM unnest($1::text[], $2::text[]) t (schema, name)
          JOIN pg_namespace n ON n.nspname = t.schema JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.name
        """;

    /// <summary>Schema and name.</summary>
    public required TableName Name { get; init; }

    /// <summary>The table's OID in <c>pg_class</c>.</summary>
    public required uint Oid { get; init; }

    /// <summary>What the relation is: <c>r</c> a table, <c>p</c> a partitioned one (<c>pg_class.relkind</c>).</summary>
    public required char Kind { get; init; }

    /// <summary><c>p</c> permanent, <c>u</c> unlogged, <c>t</c> temporary (<c>pg_class.relpersistence</c>).</summary>
    public required char Persistence { get; init; }

    /// <summary><c>d</c> primary key, <c>i</c> index, <c>f</c> full, <c>n</c> nothing (<c>pg_class.relreplident</c>).</summary>
    public required char Identity { get; init; }

    /// <summary>Whether the relation came with the server.</summary>
    public required bool IsOfSystem { get; init; }

    /// <summary>The schema's name as a statement needs it.</summary>
    public required string QuotedSchema { get; init; }

    /// <summary>Schema and name as a statement needs them.</summary>
    public required string Quoted { get; init; }

    /// <summary>The session's role, as a statement needs it.</summary>
    public required string Role { get; init; }

    /// <summary>The table's owner, as a statement needs it.</summary>
    public required string Owner { get; init; }

    /// <summary>Whether the role has the owner's rights.</summary>
    public required bool IsOwned { get; init; }

    /// <summary>Whether the role may use the table's schema.</summary>
    public required bool SchemaIsUsable { get; init; }

    /// <summary>Whether the role has SELECT on the table.</summary>
    public required bool IsSelectable { get; init; }

    /// <summary>Whether row-level security would hide rows from the role.</summary>
    public required bool HidesRows { get; init; }

    /// <summary>OIDs of the tables that the table is a partition of.</summary>
    public required IReadOnlyList<uint> Ancestors { get; init; }

    /// <summary>The tables that inherit from the table, as a statement needs them; partitions are not among them.</summary>
    public required IReadOnlyList<string> Children { get; init; }

    /// <summary>The extension that the table belongs to; null for none.</summary>
    public required string? Extension { get; init; }

    /// <summary>The table's unique indexes.</summary>
    public IReadOnlyList<UniqueKey> UniqueKeys { get; init; } = [];

    /// <summary>The table itself, or its leaves if it is partitioned and has some: what the application's writes end in.</summary>
    public IReadOnlyList<WrittenTable> Written { get; init; } = [];

    /// <summary>Whether the role may read the table.</summary>
    public bool IsReadable => SchemaIsUsable && IsSelectable;

    /// <summary>Whether the relation is a table with rows of its own or in partitions.</summary>
    public bool IsTable => Kind is 'r' or 'p';

    /// <summary>
    /// Why nothing of the relation can be captured, whatever its columns are, and what to do: two sentences. Null when it can.
    /// </summary>
    public (string Reason, string Cure)? KindFault => this switch
    {
        { IsOfSystem: true } => ($"{Name} belongs to PostgreSQL itself, and its changes are not decoded.", "Leave its definition out."),
        { Kind: 'f' } => ($"{Name} is a foreign table, so its changes happen elsewhere.", "Capture it where its rows are."),
        { Kind: 'v' or 'm' } => ($"{Name} is a view, which has no changes of its own.", "Define the tables that it reads."),
        { IsTable: false } => ($"{Name} is not a table.", "Correct its definition."),
        _ => null,
    };

    /// <summary>The index of the primary key; null without one.</summary>
    public UniqueKey? PrimaryKey => UniqueKeys.FirstOrDefault(unique => unique.IsPrimary);

    /// <summary>
    /// The columns by which changes are told apart: those of the definition, else the primary key, else the index that the table names as
    /// its replica identity; none without any.
    /// </summary>
    public IReadOnlyList<string> KeyOf(TableDefinition definition) =>
        definition.Key ?? (PrimaryKey ?? UniqueKeys.FirstOrDefault(unique => unique.IsIdentity))?.Columns ?? [];

    /// <summary>Looks relations of any kind up, in three statements for all; those that do not exist are not in the result.</summary>
    public static async Task<IReadOnlyDictionary<TableName, TableFacts>> ReadAsync(
        NpgsqlConnection connection, IReadOnlyCollection<TableName> names, CancellationToken cancellationToken)
    {
        var found = await connection.QueryAsync(
            Find,
            Read,
            cancellationToken,
            names.Select(name => name.Schema).ToArray(),
            names.Select(name => name.Name).ToArray()).ToListAsync(cancellationToken);
        var oids = found.Select(table => (long)table.Oid).ToArray();
        var uniqueKeys = await UniqueKey.ReadAsync(connection, oids, cancellationToken);
        var written = await WrittenTable.ReadAsync(connection, oids, cancellationToken);
        return found.DistinctBy(table => table.Oid).ToDictionary(
            table => table.Name,
            table => table with { UniqueKeys = [.. uniqueKeys[table.Oid]], Written = [.. written[table.Oid]] });
    }

    private static TableFacts Read(NpgsqlDataReader row) => new()
    {
        Name = new TableName(row.GetString(0), row.GetString(1)),
        Oid = row.GetFieldValue<uint>(2),
        Kind = row.GetChar(3),
        Persistence = row.GetChar(4),
        Identity = row.GetChar(5),
        IsOfSystem = row.GetBoolean(6),
        QuotedSchema = row.GetString(7),
        Quoted = row.GetString(8),
        Role = row.GetString(9),
        Owner = row.GetString(10),
        IsOwned = row.GetBoolean(11),
        SchemaIsUsable = row.GetBoolean(12),
        IsSelectable = row.GetBoolean(13),
        HidesRows = row.GetBoolean(14),
        Ancestors = row.GetFieldValue<uint[]>(15),
        Children = row.GetFieldValue<string[]>(16),
        Extension = row.IsDBNull(17) ? null : row.GetString(17),
    };
}
