using System.Text.RegularExpressions;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Markers;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Preflight;

/// <summary>The tables of markers at a source.</summary>
/// <param name="AreThere">Whether there are both.</param>
/// <param name="MayUse">Whether the role may read and write those that are there.</param>
/// <param name="AreOwned">Whether the role has their owner's rights.</param>
/// <param name="Faults">What is otherwise than the pipeline makes it, in words.</param>
internal sealed partial record MarkerFacts(bool AreThere, bool MayUse, bool AreOwned, IReadOnlyList<string> Faults)
{
    private const string Relations =
        """
        SELECT n.oid AS schema, c.oid, c.relname, c.relkind, c.relpersistence, c.relowner
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname IN ($2, $3)
        """;

    private const string FindRights =
        $"""
        SELECT count(*) = 2,
          coalesce(bool_and(has_schema_privilege(schema, 'USAGE') AND has_table_privilege(oid, 'SELECT')
            AND has_table_privilege(oid, 'INSERT') AND has_table_privilege(oid, 'DELETE')), false),
          coalesce(bool_and(pg_has_role(relowner, 'USAGE')), false)
        FROM ({Relations}) r WHERE relkind NOT IN ('i', 'S', 'c')
        """;

    // A row that names a column without a default only where the pipeline's own has none can be inserted into both.
    private const string FindFaults =
        $"""
        WITH found AS ({Relations}),
        wanted AS (SELECT * FROM unnest($4::text[], $5::text[], $6::text[], $7::bool[]) w (name, attname, type, is_given))
        SELECT format('%s is no permanent table', relname) FROM found WHERE (relkind, relpersistence) <> ('r', 'p')
        UNION ALL SELECT format('%s has no column %s of the type %s', relname, w.attname, w.type)
        FROM found JOIN wanted w ON w.name = relname
        WHERE NOT EXISTS (
          SELECT FROM pg_attribute a
          WHERE a.attrelid = found.oid AND a.attname = w.attname AND a.atttypid = w.type::regtype AND NOT a.attisdropped)
        UNION ALL SELECT format('column %s of %s needs a value', a.attname, relname)
        FROM found JOIN pg_attribute a ON a.attrelid = found.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE a.attnotnull AND NOT a.atthasdef AND a.attidentity = ''
          AND NOT EXISTS (SELECT FROM wanted w WHERE w.name = relname AND w.attname = a.attname AND w.is_given)
        UNION ALL SELECT format('%s is not the primary key of %s', $8::text, relname) FROM found
        WHERE relname = $2 AND relkind = 'r' AND NOT EXISTS (
          SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
          WHERE i.indrelid = found.oid AND i.indisprimary AND i.indimmediate AND i.indnkeyatts = 1 AND a.attname = $8)
        ORDER BY 1
        """;

    // The statements say the columns, each on a line of its own.
    private static readonly IReadOnlyList<(string Table, string Name, string Type, bool IsGiven)> Columns =
    [
        .. MarkerSchema.Statements.SelectMany(statement => Column().Matches(statement).Select(column => (
            statement.Contains(Sql.Identifier(MarkerTable.Settled), StringComparison.Ordinal)
                ? MarkerTable.Settled.Name : MarkerTable.Name.Name,
            column.Groups["name"].Value,
            column.Groups["type"].Value,
            !column.Groups["rest"].Value.Contains("DEFAULT", StringComparison.Ordinal)))),
    ];

    public static async Task<MarkerFacts> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        object?[] tables = [MarkerTable.Name.Schema, MarkerTable.Name.Name, MarkerTable.Settled.Name];
        var faults = await connection.QueryAsync(
            FindFaults,
            row => row.GetString(0),
            cancellationToken,
            [
                .. tables, Columns.Select(column => column.Table).ToArray(), Columns.Select(column => column.Name).ToArray(),
                Columns.Select(column => column.Type).ToArray(), Columns.Select(column => column.IsGiven).ToArray(), MarkerTable.Number,
            ]).ToListAsync(cancellationToken);
        return await connection.SingleAsync(
            FindRights,
            row => new MarkerFacts(row.GetBoolean(0), row.GetBoolean(1), row.GetBoolean(2), faults),
            cancellationToken,
            tables);
    }

    [GeneratedRegex("^ +(?<name>[a-z_]+) (?<type>bigint|integer|uuid|text|timestamptz)\\b(?<rest>.*)$",
        RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Column();
}
