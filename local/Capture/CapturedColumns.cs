using CdcDms.Local.ChangeFiles;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Local.Capture;

/// <summary>Finds the file's columns for a table's columns.</summary>
internal static class CapturedColumns
{
    // An output function may take text instead of its own type (refcursor's does), which PostgreSQL converts for itself but not for us; nor
    // does a domain over an enum pass for one.
    private const string Attributes =
        """
        SELECT a.attname::text, a.atttypid, a.atttypmod, a.attgenerated <> '',
          format('%I.%I(%I%s)::text', pn.nspname, p.proname, a.attname,
            CASE WHEN p.proargtypes[0] = 'text'::regtype THEN '::text'
              WHEN t.typtype = 'd' AND p.proargtypes[0] = 'anyenum'::regtype THEN (
                WITH RECURSIVE below (oid, of) AS (
                  SELECT t.typbasetype, (SELECT b.typbasetype FROM pg_type b WHERE b.oid = t.typbasetype)
                  UNION ALL
                  SELECT below.of, b.typbasetype FROM below JOIN pg_type b ON b.oid = below.of)
                SELECT '::' || format_type(below.oid, NULL) FROM below WHERE below.of = 0)
              ELSE '' END)
        FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
          JOIN pg_proc p ON p.oid = t.typoutput JOIN pg_namespace pn ON pn.oid = p.pronamespace
        WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
        """;

    /// <summary>The columns of a table that the stream sends, and the names of the generated ones, which it does not send.</summary>
    public static async Task<(IReadOnlyList<SourceColumn> Columns, IReadOnlyList<string> Generated)> ReadAsync(
        NpgsqlConnection connection, uint oid, CancellationToken cancellationToken)
    {
        var all = await connection
            .QueryAsync(
                Attributes,
                row => (
                    Name: row.GetString(0),
                    Type: new ModifiedType(row.GetFieldValue<uint>(1), row.GetInt32(2)),
                    IsGenerated: row.GetBoolean(3),
                    Text: row.GetString(4)),
                cancellationToken,
                (long)oid)
            .ToListAsync(cancellationToken);
        var sent = all.Where(column => !column.IsGenerated).ToList();
        var types = await BaseTypes.ResolveAsync(connection, [.. sent.Select(column => column.Type)], cancellationToken);
        return (
            [.. sent.Zip(types, (column, type) => Column(column.Name, column.Text, type))],
            [.. all.Where(column => column.IsGenerated).Select(column => column.Name)]);
    }

    private static SourceColumn Column(string name, string text, ModifiedType type)
    {
        var column = DmsTypes.Column(name, type.Oid, type.Modifier);
        var binary = BinaryValues.TypeName(type.Oid, column);
        return new SourceColumn(column, text, binary is null ? null : $"{Sql.Identifier(name)}::pg_catalog.{binary}");
    }

    /// <summary>The file columns for columns of a table, in their order. A type that is no longer there is written as text.</summary>
    public static async Task<IReadOnlyList<FileColumn>> FindAsync(
        NpgsqlConnection connection, IReadOnlyList<(string Name, ModifiedType Type)> columns, CancellationToken cancellationToken)
    {
        var types = await BaseTypes.ResolveAsync(connection, [.. columns.Select(column => column.Type)], cancellationToken);
        return [.. columns.Zip(types, (column, type) => DmsTypes.Column(column.Name, type.Oid, type.Modifier))];
    }
}
