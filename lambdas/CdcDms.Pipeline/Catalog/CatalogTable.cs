using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Catalog;

/// <summary>A table as PostgreSQL's catalog has it.</summary>
internal sealed record CatalogTable(
    TableName Name, IReadOnlyList<CatalogColumn> Columns, IReadOnlyList<UniqueIndex> UniqueIndexes, IReadOnlyList<string> Obstacles)
{
    /// <summary>Whether the rows are in partitions.</summary>
    public required bool IsPartitioned { get; init; }

    /// <summary>
    /// The table in a <c>FROM</c> clause, with its own rows alone: a child that inherits from a table that is not partitioned is a table
    /// of its own, also for the capture.
    /// </summary>
    public string OwnRows => (IsPartitioned ? "" : "ONLY ") + Sql.Identifier(Name);

    // format_type(…, -1) names a type without its length; with NULL it would name "character", which is one character long.
    private const string ColumnsSql = """
        SELECT a.attname,
            format_type(a.atttypid, -1),
            format_type(a.atttypid, CASE
                WHEN t.typname IN ('numeric', 'timestamp', 'timestamptz', 'time', 'timetz', 'interval') THEN a.atttypmod ELSE -1 END),
            a.atttypmod,
            a.attgenerated <> '',
            a.attidentity = 'a',
            t.typname IN ('int2', 'int4', 'int8', 'bool', 'date', 'uuid', 'bytea')
                OR (t.typname IN ('timestamp', 'timestamptz', 'time') AND a.atttypmod < 0)
                OR (t.typname IN ('text', 'varchar') AND coalesce(l.collisdeterministic, true)),
            CASE WHEN NOT l.collisdeterministic
                THEN format(' COLLATE %I.%I', (SELECT nspname FROM pg_namespace WHERE oid = l.collnamespace), l.collname) ELSE '' END,
            t.typname IN ('text', 'citext', 'json', 'jsonb', 'xml', 'bytea', 'hstore', 'tsvector', 'tsquery', 'path', 'polygon')
                OR t.typcategory = 'A'
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_collation l ON l.oid = a.attcollation
        WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
        """;

    private const string UniqueIndexesSql = """
        SELECT c.relname, i.indisprimary, i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indimmediate, array(
            SELECT a.attname::text FROM unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY AS k (attnum, place)
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum ORDER BY k.place)
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = $1::oid AND i.indisunique ORDER BY c.relname
        """;

    // The order of changes across tables is not in the lake, so what looks at other rows would fail or fire at random.
    private const string ObstaclesSql = """
        SELECT 'the foreign key ' || quote_ident(conname) FROM pg_constraint WHERE contype = 'f' AND $1::oid IN (conrelid, confrelid)
        UNION ALL SELECT 'the exclusion constraint ' || quote_ident(conname) FROM pg_constraint WHERE contype = 'x' AND conrelid = $1::oid
        UNION ALL SELECT 'the trigger ' || quote_ident(tgname) FROM pg_trigger WHERE tgrelid = $1::oid AND NOT tgisinternal
        """;

    /// <summary>Whether there is a table, or anything else, of a name.</summary>
    public static Task<bool> ExistsAsync(NpgsqlConnection connection, TableName name, CancellationToken cancellationToken) =>
        connection.ScalarAsync<bool>("SELECT to_regclass($1) IS NOT NULL", cancellationToken, Sql.Identifier(name));

    /// <summary>Looks a table up.</summary>
    /// <returns>Null when there is none.</returns>
    public static async Task<CatalogTable?> FindAsync(NpgsqlConnection connection, TableName name, CancellationToken cancellationToken)
    {
        var found = await connection.QueryAsync(
            """
            SELECT c.oid::bigint, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = $1 AND c.relname = $2
            """,
            row => (Oid: row.GetInt64(0), Kind: row.GetChar(1)), cancellationToken, name.Schema, name.Name).ToListAsync(cancellationToken);
        if (found is not [var (oid, kind)])
            return null;
        if (kind is not ('r' or 'p'))
            throw new CdcDmsException(ErrorKind.BadDefinition, $"{name} is not a table; name a table.");
        return new CatalogTable(
            name,
            await connection.QueryAsync(ColumnsSql, ReadColumn, cancellationToken, oid).ToListAsync(cancellationToken),
            await connection.QueryAsync(UniqueIndexesSql, ReadIndex, cancellationToken, oid).ToListAsync(cancellationToken),
            await connection.QueryAsync(ObstaclesSql, row => row.GetString(0), cancellationToken, oid).ToListAsync(cancellationToken))
        {
            IsPartitioned = kind is 'p',
        };
    }

    /// <summary>The primary key's columns, in its order; empty without one.</summary>
    public IReadOnlyList<string> PrimaryKey => UniqueIndexes.FirstOrDefault(index => index.IsPrimary)?.Columns ?? [];

    /// <summary>Whether PostgreSQL finds a row by these columns, in any order.</summary>
    public bool IsUnique(IReadOnlyList<string> key) =>
        UniqueIndexes.Any(index => index.IsPlain && index.Columns.ToHashSet().SetEquals(key));

    /// <summary>The column of a name, or null.</summary>
    public CatalogColumn? Column(string name) => Columns.FirstOrDefault(column => column.Name == name);

    /// <summary>
    /// Refuses a table with foreign keys, triggers, exclusion constraints, or a unique index that does more than identify rows.
    /// </summary>
    /// <param name="key">The columns by which a merge finds rows.</param>
    /// <exception cref="CdcDmsException">The table has one of them.</exception>
    public void RefuseWhatBreaksMerging(IReadOnlyList<string> key)
    {
        // An index that contains the whole key holds by itself.
        var indexes = UniqueIndexes.Where(index => !key.All(index.Columns.Contains)).Select(index => $"the unique index {index.Name}");
        List<string> obstacles = [.. Obstacles, .. indexes];
        if (obstacles.Count > 0)
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"{Name} cannot be a target while it has {string.Join(", ", obstacles)}: "
                + "rows arrive in any order; drop what is named or merge into another table.");
    }

    private static CatalogColumn ReadColumn(NpgsqlDataReader row) => new()
    {
        Name = row.GetString(0),
        BaseType = row.GetString(1),
        StoredType = row.GetString(2),
        Modifier = row.GetInt32(3),
        IsGenerated = row.GetBoolean(4),
        IsAlwaysIdentity = row.GetBoolean(5),
        EqualityIsOfBytes = row.GetBoolean(6),
        Collate = row.GetString(7),
        IsLob = row.GetBoolean(8),
    };

    private static UniqueIndex ReadIndex(NpgsqlDataReader row) =>
        new(row.GetString(0), row.GetBoolean(1), row.GetBoolean(2), row.GetFieldValue<string[]>(3));
}
