using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Catalog;

/// <summary>A unique index of a source table.</summary>
/// <param name="Quoted">The index's name, which is also that of its constraint if it has one, as a statement needs it.</param>
/// <param name="IsPrimary">Whether the index is the primary key's.</param>
/// <param name="IsIdentity">Whether the table names the index as its replica identity.</param>
/// <param name="IsPlain">Whether the index holds for all rows, over columns alone.</param>
/// <param name="IsImmediate">Whether the index holds at once: the constraint is not deferrable.</param>
/// <param name="Columns">The key columns in the index's order, without those that are only included.</param>
/// <param name="Constraint">Its constraint as <c>ADD CONSTRAINT … </c> takes it; null without one.</param>
/// <param name="IsInherited">Whether the index is a part of one of the table that its table is a partition of.</param>
public sealed record UniqueKey(
    string Quoted,
    bool IsPrimary,
    bool IsIdentity,
    bool IsPlain,
    bool IsImmediate,
    IReadOnlyList<string> Columns,
    string? Constraint,
    bool IsInherited)
{
    private const string Find =
        """
        SELECT i.indrelid, quote_ident(x.relname), i.indisprimary, i.indisreplident,
          i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL, i.indimmediate,
          ARRAY(SELECT a.attname::text FROM unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY k (number, place)
                JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number ORDER BY k.place),
          (SELECT pg_get_constraintdef(c.oid) FROM pg_constraint c
           WHERE c.conindid = i.indexrelid AND c.conrelid = i.indrelid AND c.contype IN ('p', 'u')),
          EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = i.indexrelid)
        FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = ANY ($1::oid[]) AND i.indisunique
        ORDER BY i.indexrelid
        """;

    /// <summary>The unique indexes of tables, by the table's OID.</summary>
    internal static async Task<ILookup<uint, UniqueKey>> ReadAsync(
        NpgsqlConnection connection, long[] tables, CancellationToken cancellationToken) =>
        (await connection.QueryAsync(
            Find,
            row => (
                Table: row.GetFieldValue<uint>(0),
                Key: new UniqueKey(
                    row.GetString(1), row.GetBoolean(2), row.GetBoolean(3), row.GetBoolean(4), row.GetBoolean(5),
                    row.GetFieldValue<string[]>(6), row.IsDBNull(7) ? null : row.GetString(7), row.GetBoolean(8))),
            cancellationToken,
            tables).ToListAsync(cancellationToken)).ToLookup(found => found.Table, found => found.Key);
}
