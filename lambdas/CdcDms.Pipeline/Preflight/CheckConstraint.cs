using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Preflight;

/// <summary>A check that a table or the domain of one of its columns makes of each row.</summary>
/// <param name="Name">What it is, for a sentence.</param>
/// <param name="Condition">What it demands, and of a domain of which column.</param>
/// <param name="Removal">How it is dropped; null for that of a domain, which other tables have too.</param>
internal sealed record CheckConstraint(string Name, string Condition, Removal? Removal)
{
    private static readonly string Find =
        $"""
        WITH RECURSIVE tree (root, oid) AS (
          SELECT t::oid, t::oid FROM unnest($1::oid[]) t
          UNION SELECT tree.root, i.inhrelid FROM tree JOIN pg_inherits i ON i.inhparent = tree.oid),
        domains (root, attname, oid) AS (
          SELECT a.attrelid, a.attname, a.atttypid FROM pg_attribute a
          WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
          UNION ALL SELECT d.root, d.attname, t.typbasetype FROM domains d JOIN pg_type t ON t.oid = d.oid WHERE t.typtype = 'd')
        SELECT tree.root, format('the check %I', conname), pg_get_constraintdef(c.oid),
          format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
          format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(c.oid)),
          CASE WHEN coninhcount > 0 THEN '{Removal.OfParent}' END
        FROM tree JOIN pg_constraint c ON c.conrelid = tree.oid
        WHERE contype = 'c' AND (coninhcount = 0 OR tree.oid = tree.root)
        UNION ALL SELECT d.root, format('the domain %s', format_type(d.oid, NULL)),
          format('%s: %s', d.attname, pg_get_constraintdef(c.oid)), NULL, NULL, NULL
        FROM domains d JOIN pg_constraint c ON c.contypid = d.oid WHERE contype = 'c'
        ORDER BY 1, 2
        """;

    /// <summary>The checks of tables, by the table's OID.</summary>
    public static async Task<ILookup<uint, CheckConstraint>> ReadAsync(
        NpgsqlConnection connection, IEnumerable<uint> tables, CancellationToken cancellationToken) =>
        (await connection.QueryAsync(
            Find,
            row => (
                Table: row.GetFieldValue<uint>(0),
                Check: new CheckConstraint(row.GetString(1), row.GetString(2), row.IsDBNull(3) ? null : Removal.Read(row, 3))),
            cancellationToken,
            tables.Select(oid => (long)oid).ToArray()).ToListAsync(cancellationToken))
            .ToLookup(found => found.Table, found => found.Check);
}
