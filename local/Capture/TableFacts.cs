using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Local.Capture;

/// <summary>What PostgreSQL's catalog says of a table, beside its columns.</summary>
internal sealed record TableFacts
{
    private const string Find =
        """
        SELECT c.oid, c.relkind, c.relpersistence, c.relreplident, c.oid < 16384,
          quote_ident(n.nspname) || '.' || quote_ident(c.relname), quote_ident(current_user), quote_ident(pg_get_userbyid(c.relowner)),
          pg_has_role(c.relowner, 'USAGE'), has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'),
          row_security_active(c.oid), ARRAY(SELECT a::oid FROM pg_partition_ancestors(c.oid) a WHERE a <> c.oid)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2
        """;

    private const string Unique =
        """
        SELECT i.indisprimary, i.indisreplident, i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL, i.indimmediate,
          ARRAY(SELECT a.attname::text FROM unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY k (number, place)
                JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number ORDER BY k.place)
        FROM pg_index i WHERE i.indrelid = $1::oid AND i.indisunique
        """;

    // The application writes into a partitioned table's leaves, and what is logged of an old row is a leaf's own affair.
    // RelationGetIndexList (src/backend/utils/cache/relcache.c): an index identifies rows if it is valid and holds at once.
    private const string Leaves =
        """
        WITH RECURSIVE tree (oid) AS (
          SELECT $1::oid UNION ALL
          SELECT i.inhrelid FROM tree JOIN pg_class p ON p.oid = tree.oid AND p.relkind = 'p' JOIN pg_inherits i ON i.inhparent = tree.oid)
        SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname), c.relkind, c.relpersistence, c.relreplident,
          ARRAY(SELECT a.attname::text FROM pg_index i
                CROSS JOIN LATERAL unnest(i.indkey[0:i.indnkeyatts - 1]) k (number)
                JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
                WHERE i.indrelid = c.oid AND i.indisvalid AND i.indimmediate
                  AND CASE c.relreplident WHEN 'd' THEN i.indisprimary WHEN 'i' THEN i.indisreplident ELSE false END)
        FROM tree JOIN pg_class c ON c.oid = tree.oid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind <> 'p' OR c.oid = $1::oid ORDER BY 1
        """;

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

    /// <summary>The name as a statement needs it.</summary>
    public required string Quoted { get; init; }

    /// <summary>The role of the capture, as a statement needs it.</summary>
    public required string Role { get; init; }

    /// <summary>The table's owner, as a statement needs it.</summary>
    public required string Owner { get; init; }

    /// <summary>Whether the role has the owner's rights.</summary>
    public required bool IsOwned { get; init; }

    /// <summary>Whether the role may read the table.</summary>
    public required bool IsReadable { get; init; }

    /// <summary>Whether row-level security would hide rows from the role.</summary>
    public required bool HidesRows { get; init; }

    /// <summary>OIDs of the tables that the table is a partition of.</summary>
    public required IReadOnlyList<uint> Ancestors { get; init; }

    /// <summary>Looks a relation of any kind up; null when there is none of the name.</summary>
    public static async Task<TableFacts?> FindAsync(NpgsqlConnection connection, TableName name, CancellationToken cancellationToken) =>
        await connection.QueryAsync(Find, Read, cancellationToken, name.Schema, name.Name).FirstOrDefaultAsync(cancellationToken);

    /// <summary>The table's unique indexes.</summary>
    public async Task<IReadOnlyList<UniqueKey>> UniqueKeysAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            Unique,
            row => new UniqueKey(
                row.GetBoolean(0), row.GetBoolean(1), row.GetBoolean(2), row.GetBoolean(3), row.GetFieldValue<string[]>(4)),
            cancellationToken,
            (long)Oid).ToListAsync(cancellationToken);

    /// <summary>The table itself, or its leaves if it is partitioned and has some: what the application's writes end in.</summary>
    public async Task<IReadOnlyList<WrittenTable>> WrittenAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var found = await connection.QueryAsync(
            Leaves,
            row => new WrittenTable(row.GetString(0), row.GetChar(1), row.GetChar(2), row.GetChar(3), row.GetFieldValue<string[]>(4)),
            cancellationToken,
            (long)Oid).ToListAsync(cancellationToken);
        var leaves = found.Where(table => table.Kind != 'p').ToList();
        return leaves.Count > 0 ? leaves : found;
    }

    private static TableFacts Read(NpgsqlDataReader row) => new()
    {
        Oid = row.GetFieldValue<uint>(0),
        Kind = row.GetChar(1),
        Persistence = row.GetChar(2),
        Identity = row.GetChar(3),
        IsOfSystem = row.GetBoolean(4),
        Quoted = row.GetString(5),
        Role = row.GetString(6),
        Owner = row.GetString(7),
        IsOwned = row.GetBoolean(8),
        IsReadable = row.GetBoolean(9),
        HidesRows = row.GetBoolean(10),
        Ancestors = row.GetFieldValue<uint[]>(11),
    };
}

/// <summary>A unique index.</summary>
/// <param name="IsPrimary">Whether the index is the primary key's.</param>
/// <param name="IsIdentity">Whether the table names the index as its replica identity.</param>
/// <param name="IsPlain">Whether the index holds for all rows, over columns alone.</param>
/// <param name="IsImmediate">Whether the index holds at once: the constraint is not deferrable.</param>
/// <param name="Columns">The key columns in the index's order, without those that are only included.</param>
internal sealed record UniqueKey(bool IsPrimary, bool IsIdentity, bool IsPlain, bool IsImmediate, IReadOnlyList<string> Columns);

/// <summary>A table that rows are stored in.</summary>
/// <param name="Quoted">The name as a statement needs it.</param>
/// <param name="Kind">As in <see cref="TableFacts.Kind"/>.</param>
/// <param name="Persistence">As in <see cref="TableFacts.Persistence"/>.</param>
/// <param name="Identity">As in <see cref="TableFacts.Identity"/>.</param>
/// <param name="IndexColumns">The columns of the index that identifies an old row; none if no index does.</param>
internal sealed record WrittenTable(
    string Quoted, char Kind, char Persistence, char Identity, IReadOnlyList<string> IndexColumns);
