using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Catalog;

/// <summary>What a target must not have.</summary>
/// <param name="Name">What it is, for a sentence.</param>
/// <param name="Removal">How it is taken away.</param>
internal sealed record Obstacle(string Name, Removal Removal)
{
    private const string DropConstraint =
        $"""
        format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
            format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(c.oid)),
            CASE WHEN conparentid <> 0 THEN '{Removal.OfParent}' END
        """;

    // The order of changes across tables is not in the lake, so what looks at other rows would fail or fire at random. A rule does
    // something else than the statement says; a statement on a parent deletes its children's rows as well.
    private const string Find = $"""
        {PartitionTree.Sql}
        SELECT 'the foreign key ' || quote_ident(conname) || of, {DropConstraint}
        FROM tree JOIN pg_constraint c ON id IN (conrelid, confrelid)
        WHERE contype = 'f' AND (conparentid = 0 OR conrelid = $1::oid AND NOT EXISTS (
            SELECT FROM pg_constraint whole WHERE whole.oid = c.conparentid AND whole.conrelid = c.conrelid))
        UNION ALL SELECT 'the exclusion constraint ' || quote_ident(conname) || of, {DropConstraint}
        FROM tree JOIN pg_constraint c ON id = conrelid WHERE contype = 'x' AND (of = '' OR conparentid = 0)
        UNION ALL SELECT 'the trigger ' || quote_ident(tgname) || of, format('DROP TRIGGER %I ON %s', tgname, tgrelid::regclass),
            pg_get_triggerdef(t.oid) || CASE tgenabled WHEN 'O' THEN '' ELSE format('; ALTER TABLE %s %s TRIGGER %I', tgrelid::regclass,
                CASE tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END, tgname) END,
            CASE WHEN tgparentid <> 0 THEN '{Removal.OfParent}' END
        FROM tree JOIN pg_trigger t ON id = tgrelid WHERE NOT tgisinternal AND (of = '' OR tgparentid = 0)
        UNION ALL SELECT 'the rule ' || quote_ident(rulename), format('DROP RULE %I ON %s', rulename, ev_class::regclass),
            rtrim(pg_get_ruledef(oid), ';'), NULL
        FROM pg_rewrite WHERE ev_class = $1::oid
        UNION ALL SELECT 'the child table ' || inhrelid::regclass,
            format('ALTER TABLE %s NO INHERIT %s', inhrelid::regclass, c.oid::regclass),
            format('ALTER TABLE %s INHERIT %s', inhrelid::regclass, c.oid::regclass), NULL
        FROM pg_inherits JOIN pg_class c ON c.oid = inhparent WHERE inhparent = $1::oid AND c.relkind = 'r'
        UNION ALL SELECT 'the property UNLOGGED' || of || ' (a crash of the server empties it)',
            format('ALTER TABLE %s SET LOGGED', c.oid::regclass), NULL, NULL
        FROM tree JOIN pg_class c ON c.oid = id WHERE c.relpersistence = 'u'
        """;

    /// <summary>
    /// Foreign keys, triggers, rules, exclusion constraints and children of a table and its partitions, and whether a crash may take the
    /// rows.
    /// </summary>
    public static async Task<IReadOnlyList<Obstacle>> ReadAsync(
        NpgsqlConnection connection, long table, CancellationToken cancellationToken) =>
        await connection.QueryAsync(
            Find, row => new Obstacle(row.GetString(0), Removal.Read(row, 1)), cancellationToken, table).ToListAsync(cancellationToken);
}
