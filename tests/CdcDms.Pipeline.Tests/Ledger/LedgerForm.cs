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

    /// <summary>
    /// The rows of every table that a ledger has, without the table of versions, as lines of text: a column that a step has added, and that
    /// has no value, makes no difference.
    /// </summary>
    public static async Task<IReadOnlyList<string>> RowsAsync(TestDatabase database)
    {
        var each = await database.ScalarAsync<string>(
            """
            SELECT string_agg(
                format('SELECT %1$L || jsonb_strip_nulls(to_jsonb(r))::text AS line FROM %1$s r', oid::regclass), ' UNION ALL ')
            FROM pg_class
            WHERE relnamespace = to_regnamespace('cdc') AND relkind = 'r' AND relname <> 'schema_version'
            """);
        var rows = await database.ScalarAsync<string>($"SELECT string_agg(line, E'\\n' ORDER BY line COLLATE \"C\") FROM ({each}) rows");
        return rows!.Split('\n');
    }
}
