using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Catalog;

/// <summary>A table as PostgreSQL's catalog has it.</summary>
internal sealed record CatalogTable(
    TableName Name, IReadOnlyList<CatalogColumn> Columns, IReadOnlyList<UniqueIndex> UniqueIndexes, IReadOnlyList<Obstacle> Obstacles)
{
    /// <summary>Whether the rows are in partitions.</summary>
    public required bool IsPartitioned { get; init; }

    /// <summary>
    /// The table in a <c>FROM</c> clause, with its own rows alone: a child that inherits from a table that is not partitioned is a table
    /// of its own, also for the capture.
    /// </summary>
    public string OwnRows => (IsPartitioned ? "" : "ONLY ") + Sql.Identifier(Name);

    // pg_get_expr leaves implicit casts out, so a default is cast to the column's type again.
    // format_type(…, -1) names a type without its length; with NULL it would name "character", which is one character long.
    private static readonly string ColumnsSql = $"""
        SELECT a.attname,
            format_type(a.atttypid, -1),
            format_type(b.type, -1),
            format_type(b.type, CASE
                WHEN o.typname IN ('numeric', 'timestamp', 'timestamptz', 'time', 'timetz', 'interval') THEN b.modifier ELSE -1 END),
            a.atttypmod,
            NOT a.attnotnull,
            a.attgenerated <> '',
            a.attidentity = 'a',
            t.typname IN ('int2', 'int4', 'int8', 'bool', 'date', 'uuid', 'bytea')
                OR (t.typname IN ('timestamp', 'timestamptz', 'time') AND a.atttypmod < 0)
                OR (t.typname IN ('text', 'varchar') AND coalesce(l.collisdeterministic, true)),
            CASE WHEN NOT l.collisdeterministic
                THEN format(' COLLATE %I.%I', (SELECT nspname FROM pg_namespace WHERE oid = l.collnamespace), l.collname) ELSE '' END,
            {LobTypes.Contain("t")},
            a.atthasdef OR a.attidentity <> '',
            a.attidentity <> '',
            coalesce(
                'CAST(' || CASE
                    WHEN a.attidentity <> '' THEN format('nextval(%L)', pg_get_serial_sequence(a.attrelid::regclass::text, a.attname))
                    ELSE coalesce(pg_get_expr(d.adbin, d.adrelid), pg_get_expr(t.typdefaultbin, 0)) END
                || ' AS ' || format_type(a.atttypid, -1) || ')',
                'NULL')
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_collation l ON l.oid = a.attcollation
        LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
        CROSS JOIN LATERAL ({BaseTypes.Below("a.atttypid", "a.atttypmod")}) b JOIN pg_type o ON o.oid = b.type
        WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
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
            SELECT c.oid::bigint, c.relkind::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
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
            await UniqueIndex.ReadAsync(connection, oid, cancellationToken),
            await Obstacle.ReadAsync(connection, oid, cancellationToken))
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
    /// Foreign keys, triggers, rules, exclusion constraints, children, unique indexes that do more than identify rows, and whether a crash
    /// may take the rows; also where a partition alone has it.
    /// </summary>
    /// <param name="key">The columns by which a merge finds rows.</param>
    public IEnumerable<Obstacle> WhatBreaksMerging(IReadOnlyList<string> key) =>
        // An index that contains the whole key holds by itself. Of two on the key alone, PostgreSQL asks the deferrable one as well, and
        // fails.
        Obstacles.Concat(UniqueIndexes
            .Where(index => !key.All(index.Columns.Contains) || (index.IsDeferrable && index.Columns.Count == key.Count))
            .Select(index => new Obstacle($"the unique index {index.Name}", index.Removal)));

    /// <summary>Refuses a table that has any of <see cref="WhatBreaksMerging"/>.</summary>
    /// <param name="key">The columns by which a merge finds rows.</param>
    /// <exception cref="CdcDmsException">The table has one of them.</exception>
    public void RefuseWhatBreaksMerging(IReadOnlyList<string> key)
    {
        var obstacles = WhatBreaksMerging(key).Select(obstacle => obstacle.Name).ToList();
        if (obstacles.Count > 0)
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"{Name} cannot be a target while it has {string.Join(", ", obstacles)}: "
                + "rows arrive in any order, and must stay as a merge writes them; drop what is named or merge into another table.");
    }

    private static CatalogColumn ReadColumn(NpgsqlDataReader row) => new()
    {
        Name = row.GetString(0),
        BaseType = row.GetString(1),
        CastType = row.GetString(2),
        StoredType = row.GetString(3),
        Modifier = row.GetInt32(4),
        IsNullable = row.GetBoolean(5),
        IsGenerated = row.GetBoolean(6),
        IsAlwaysIdentity = row.GetBoolean(7),
        EqualityIsOfBytes = row.GetBoolean(8),
        Collate = row.GetString(9),
        IsLob = row.GetBoolean(10),
        HasDefault = row.GetBoolean(11),
        IsIdentity = row.GetBoolean(12),
        Default = row.GetString(13),
    };
}
