using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Catalog;

/// <summary>A column of a source table.</summary>
internal sealed record TableColumn
{
    private static readonly string Find =
        $"""
        SELECT a.attrelid, a.attname, format_type(a.atttypid, a.atttypmod), b.oid, b.typname, d.modifier,
          a.attnotnull, a.attgenerated <> '', a.attlen = -1 AND a.attstorage <> 'p', {LobTypes.Contain("b")} OR b.typtype = 'c',
          CASE WHEN coalesce(e.typnamespace, b.typnamespace) = 'pg_catalog'::regnamespace THEN format_type(b.oid, d.modifier)
            ELSE 'text' END
        FROM pg_attribute a CROSS JOIN LATERAL ({BaseTypes.Below("a.atttypid", "a.atttypmod")}) d JOIN pg_type b ON b.oid = d.type
          LEFT JOIN pg_type e ON e.oid = b.typelem AND b.typcategory = 'A'
        WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum
        """;

    /// <summary>The column's name.</summary>
    public required string Name { get; init; }

    /// <summary>The type as a definition has it, such as <c>numeric(12,2)</c>.</summary>
    public required string Type { get; init; }

    /// <summary>OID of the type, or of the type below a domain.</summary>
    public required uint BaseType { get; init; }

    /// <summary>The name of that type in <c>pg_type</c>.</summary>
    public required string BaseTypeName { get; init; }

    /// <summary>Its length, precision or scale as PostgreSQL keeps them; −1 for none.</summary>
    public required int Modifier { get; init; }

    /// <summary>Whether the column never holds NULL.</summary>
    public required bool IsNotNull { get; init; }

    /// <summary>Whether PostgreSQL computes the value.</summary>
    public required bool IsGenerated { get; init; }

    /// <summary>Whether a long value may be stored out of line (TOAST).</summary>
    public required bool MayBeToasted { get; init; }

    /// <summary>Whether DMS carries the value as a LOB (docs/dms-contract.md#postgresql-types).</summary>
    public required bool IsLob { get; init; }

    /// <summary>A type that an analytics database has for the values: PostgreSQL's own, or text.</summary>
    public required string AnalyticsType { get; init; }

    /// <summary>Whether it is a <c>varchar</c> without a length.</summary>
    public bool IsUnboundedVarchar => BaseTypeName == "varchar" && Modifier < 0;

    /// <summary>Whether it is a <c>numeric</c> without precision and scale.</summary>
    public bool IsUnboundedNumeric => BaseTypeName == "numeric" && Modifier < 0;

    /// <summary>The columns of tables, in the tables' order, by the table's OID.</summary>
    public static async Task<ILookup<uint, TableColumn>> ReadAsync(
        NpgsqlConnection connection, IEnumerable<uint> tables, CancellationToken cancellationToken) =>
        (await connection.QueryAsync(
            Find, row => (Table: row.GetFieldValue<uint>(0), Column: Read(row)), cancellationToken,
            tables.Select(oid => (long)oid).ToArray()).ToListAsync(cancellationToken))
            .ToLookup(found => found.Table, found => found.Column);

    private static TableColumn Read(NpgsqlDataReader row) => new()
    {
        Name = row.GetString(1),
        Type = row.GetString(2),
        BaseType = row.GetFieldValue<uint>(3),
        BaseTypeName = row.GetString(4),
        Modifier = row.GetInt32(5),
        IsNotNull = row.GetBoolean(6),
        IsGenerated = row.GetBoolean(7),
        MayBeToasted = row.GetBoolean(8),
        IsLob = row.GetBoolean(9),
        AnalyticsType = row.GetString(10),
    };
}
