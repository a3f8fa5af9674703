namespace CdcDms.Pipeline.Tests.Ledger;

/// <summary>The form of a ledger as PostgreSQL's catalog has it, in lines of text that can be compared.</summary>
internal static class LedgerForm
{
    // Tombstones belong to one target, not to the form of every ledger.
    private const string Sql = """
        WITH tables AS (
            SELECT oid, relname FROM pg_class
            WHERE relnamespace = to_regnamespace('cdc') AND relkind = 'r' AND relname !~ '^tombstones_')
        SELECT string_agg(line, E'\n' ORDER BY line COLLATE "C") FROM (
            SELECT format('%s.%s %s%s%s default %s: %s', relname, attname, format_type(atttypid, atttypmod),
                CASE WHEN attnotnull THEN ' not null' END, attidentity, pg_get_expr(adbin, adrelid), col_description(t.oid, attnum))
            FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = attnum
            WHERE attnum > 0 AND NOT attisdropped
            UNION ALL SELECT format('%s: %s', relname, obj_description(oid)) FROM tables
            UNION ALL SELECT format('%s constraint %s %s', relname, conname, pg_get_constraintdef(c.oid))
            FROM tables t JOIN pg_constraint c ON c.conrelid = t.oid
            UNION ALL SELECT pg_get_indexdef(indexrelid) FROM tables t JOIN pg_index i ON i.indrelid = t.oid) lines (line)
        """;

    /// <summary>The form of a database's ledger; empty without one.</summary>
    public static async Task<IReadOnlyList<string>> ReadAsync(TestDatabase database) =>
        (await database.ScalarAsync<string>(Sql) ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The columns of every table that a ledger has, without the table of versions, as <c>table.column</c>.</summary>
    public static async Task<IReadOnlyList<string>> ColumnsAsync(TestDatabase database) =>
        (await database.ScalarAsync<string[]>(
            """
            SELECT array_agg(oid::regclass || '.' || attname ORDER BY oid, attnum)
            FROM pg_class JOIN pg_attribute ON attrelid = oid AND attnum > 0 AND NOT attisdropped
            WHERE relnamespace = to_regnamespace('cdc') AND relkind = 'r' AND relname <> 'schema_version'
            """))!;

    /// <summary>The rows of a ledger's tables, of each only some columns, as lines of text.</summary>
    public static async Task<IReadOnlyList<string>> RowsAsync(TestDatabase database, IEnumerable<string> columns)
    {
        var each = columns.GroupBy(column => column[..column.LastIndexOf('.')])
            .Select(table => $"SELECT '{table.Key} ' || ROW({string.Join(", ", table)})::text AS line FROM {table.Key}");
        var rows = await database.ScalarAsync<string>(
            $"SELECT string_agg(line, E'\\n' ORDER BY line COLLATE \"C\") FROM ({string.Join(" UNION ALL ", each)}) rows");
        return rows!.Split('\n');
    }
}
