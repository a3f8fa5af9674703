using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Preflight;

/// <summary>What the role of the merge may do in the analytics database.</summary>
/// <param name="Role">The role, as a statement needs it.</param>
/// <param name="Database">The database, as a statement needs it.</param>
/// <param name="IsReadOnly">Whether nothing can be written here.</param>
/// <param name="MayCreateSchemas">Whether the role may create schemas.</param>
/// <param name="Schemas">For each schema that is there whether the role may use it, and create tables in it.</param>
/// <param name="ForeignLedger">Tables of the ledger whose owner's rights the role lacks, and their owners.</param>
/// <param name="ForeignTargets">The same of targets.</param>
/// <param name="Existing">The targets that are there, with their OIDs.</param>
internal sealed record TargetRights(
    string Role,
    string Database,
    bool IsReadOnly,
    bool MayCreateSchemas,
    IReadOnlyDictionary<string, (bool Use, bool Create)> Schemas,
    IReadOnlyList<(string Table, string Owner)> ForeignLedger,
    IReadOnlyList<(string Table, string Owner)> ForeignTargets,
    IReadOnlyDictionary<TableName, uint> Existing)
{
    private const string Ledger = "cdc";

    private const string FindRole =
        """
        SELECT quote_ident(current_user), quote_ident(current_database()),
          pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on',
          has_database_privilege(current_database(), 'CREATE')
        """;

    private const string FindSchemas =
        """
        SELECT nspname, has_schema_privilege(oid, 'USAGE'), has_schema_privilege(oid, 'CREATE')
        FROM pg_namespace WHERE nspname = ANY ($1)
        """;

    private const string FindTables =
        """
        SELECT n.nspname, c.relname, quote_ident(n.nspname) || '.' || quote_ident(c.relname), pg_has_role(c.relowner, 'USAGE'),
          quote_ident(pg_get_userbyid(c.relowner)), c.oid
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND (
          n.nspname = $3 OR EXISTS (
            SELECT FROM unnest($1::text[], $2::text[]) t (schema, name) WHERE t.schema = n.nspname AND t.name = c.relname))
        ORDER BY 1, 2
        """;

    public static async Task<TargetRights> ReadAsync(
        NpgsqlConnection connection, IReadOnlyList<TableDefinition> definitions, CancellationToken cancellationToken)
    {
        var names = definitions.Select(definition => definition.TargetName).ToList();
        var schemas = await connection.QueryAsync(
            FindSchemas,
            row => (Name: row.GetString(0), Rights: (row.GetBoolean(1), row.GetBoolean(2))),
            cancellationToken,
            [names.Select(name => name.Schema).Append(Ledger).ToArray()]).ToListAsync(cancellationToken);
        var tables = await connection.QueryAsync(
            FindTables,
            row => (
                Name: new TableName(row.GetString(0), row.GetString(1)), Quoted: row.GetString(2), IsOwned: row.GetBoolean(3),
                Owner: row.GetString(4), Oid: row.GetFieldValue<uint>(5)),
            cancellationToken,
            names.Select(name => name.Schema).ToArray(),
            names.Select(name => name.Name).ToArray(),
            Ledger).ToListAsync(cancellationToken);
        var (role, database, readOnly, mayCreate) = await connection.SingleAsync(
            FindRole, row => (row.GetString(0), row.GetString(1), row.GetBoolean(2), row.GetBoolean(3)), cancellationToken);
        return new TargetRights(
            role,
            database,
            readOnly,
            mayCreate,
            schemas.ToDictionary(schema => schema.Name, schema => schema.Rights),
            Foreign(ofLedger: true),
            Foreign(ofLedger: false),
            tables.ToDictionary(table => table.Name, table => table.Oid));

        IReadOnlyList<(string Table, string Owner)> Foreign(bool ofLedger) =>
        [
            .. tables.Where(table => !table.IsOwned && table.Name.Schema == Ledger == ofLedger)
                .Select(table => (table.Quoted, table.Owner)),
        ];
    }

    public IEnumerable<Finding> Findings(IReadOnlyList<TableDefinition> definitions)
    {
        if (IsReadOnly)
            yield return Finding.WithoutSql(
                FindingSeverity.Blocks,
                "The analytics database is read only for this role.",
                "Name the primary server, and a role without default_transaction_read_only.").Of("target-read-only");
        if (OfLedger() is { } ledger)
            yield return ledger.Of("target-rights");
        var missing = definitions.Select(definition => definition.TargetName).Where(name => !Existing.ContainsKey(name)).ToList();
        foreach (var schema in definitions.Select(definition => definition.TargetName.Schema).Where(name => name != Ledger).Distinct())
            if (RightOn(schema, creates: missing.Exists(name => name.Schema == schema)) is var (lacks, grant))
                yield return Finding.WithSql(
                    FindingSeverity.Blocks, $"The role {Role} may not {lacks} the schema {schema} of targets.", grant).Of("target-rights");
        foreach (var (table, owner) in ForeignTargets)
            yield return Finding.WithSql(
                FindingSeverity.Blocks,
                $"The role {Role} does not own the table {table}, which the merge alters: its own columns, and wider ones.",
                OwnedBy(Role, table)).Of("target-rights") with
            {
                Undo = [OwnedBy(owner, table)],
            };
    }

    // The schema and the tables of the ledger are the merge's own, and go from hand to hand together.
    private Finding? OfLedger()
    {
        var schema = RightOn(Ledger, creates: true);
        List<string> lacks =
        [
            .. schema is null ? [] : new[] { $"may not {schema.Value.Lacks} its schema {Ledger}" },
            .. ForeignLedger.Count == 0 ? [] : new[] { $"does not own {ForeignLedger.Count} of its tables, which the merge alters" },
        ];
        return lacks.Count == 0 ? null : Finding.WithSql(
            FindingSeverity.Blocks,
            $"The role {Role} cannot use the ledger: it {string.Join(", and ", lacks)}.",
            [.. schema is null ? [] : new[] { schema.Value.Grant }, .. ForeignLedger.Select(table => OwnedBy(Role, table.Table))]) with
        {
            Undo = [.. ForeignLedger.Select(table => OwnedBy(table.Owner, table.Table))],
        };
    }

    private (string Lacks, string Grant)? RightOn(string schema, bool creates)
    {
        if (!Schemas.TryGetValue(schema, out var rights))
            return MayCreateSchemas ? null : ("create", $"GRANT CREATE ON DATABASE {Database} TO {Role}");
        if (rights.Use && (rights.Create || !creates))
            return null;
        return (
            rights.Use ? "create tables in" : "use",
            $"GRANT USAGE{(creates ? ", CREATE" : "")} ON SCHEMA {Sql.Identifier(schema)} TO {Role}");
    }

    private static string OwnedBy(string role, string table) => $"ALTER TABLE {table} OWNER TO {role}";
}
