using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Catalog;

/// <summary>A type with its modifier, as PostgreSQL's catalog and its replication stream name it.</summary>
/// <param name="Oid">The type's OID in <c>pg_type</c>.</param>
/// <param name="Modifier">Length, precision or scale (<c>atttypmod</c>); −1 for none.</param>
public readonly record struct ModifiedType(uint Oid, int Modifier);

/// <summary>
/// Finds the types below domains: the catalog and the replication stream name a column's domain, not the type that the domain is made of.
/// </summary>
public static class BaseTypes
{
    private static readonly string Resolve = $"""
        SELECT coalesce(b.type, named.type), coalesce(b.modifier, named.modifier)
        FROM unnest($1::oid[], $2::int[]) WITH ORDINALITY AS named (type, modifier, place)
        LEFT JOIN LATERAL ({Below("named.type", "named.modifier")}) b ON true ORDER BY named.place
        """;

    /// <summary>The types below the named ones, in their order. A type that is no domain, or is no longer there, stays.</summary>
    public static async Task<IReadOnlyList<ModifiedType>> ResolveAsync(
        NpgsqlConnection connection, IReadOnlyList<ModifiedType> types, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            Resolve,
            row => new ModifiedType(row.GetFieldValue<uint>(0), row.GetInt32(1)),
            cancellationToken,
            types.Select(type => (long)type.Oid).ToArray(),
            types.Select(type => type.Modifier).ToArray()).ToListAsync(cancellationToken);

    /// <summary>
    /// A query for one row: the type below a type, and its modifier. A column of a domain has no modifier of its own; the innermost
    /// domain may have one.
    /// </summary>
    internal static string Below(string type, string modifier) => $"""
        WITH RECURSIVE step (type, modifier) AS (
            SELECT {type}, {modifier}
            UNION ALL SELECT t.typbasetype, t.typtypmod FROM step s JOIN pg_type t ON t.oid = s.type WHERE t.typtype = 'd')
        SELECT s.type, s.modifier FROM step s JOIN pg_type t ON t.oid = s.type WHERE t.typtype <> 'd'
        """;
}
