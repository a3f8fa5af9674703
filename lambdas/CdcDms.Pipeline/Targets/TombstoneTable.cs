using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Targets;

/// <summary>The table that remembers the deletes of a target, by key and version.</summary>
/// <param name="connection">A connection without a transaction.</param>
/// <param name="target">The target.</param>
/// <param name="ledger">The target's part of the ledger.</param>
internal sealed class TombstoneTable(NpgsqlConnection connection, TargetTable target, TableLedger ledger)
{
    // The columns of the target's key $2 that are of another type in the table $3, or not in it, and how many columns are of no key.
    private const string DifferencesSql = """
        SELECT t.attname, x.attname IS NULL, format_type(t.atttypid, t.atttypmod), coalesce(
            (SELECT format(' COLLATE %I.%I', n.nspname, l.collname) FROM pg_collation l JOIN pg_namespace n ON n.oid = l.collnamespace
            WHERE l.oid = t.attcollation), '')
        FROM pg_attribute t LEFT JOIN pg_attribute x ON x.attrelid = to_regclass($3) AND x.attname = t.attname AND NOT x.attisdropped
        WHERE t.attrelid = to_regclass($1) AND t.attname = ANY ($2) AND NOT t.attisdropped
            AND (x.atttypid, x.atttypmod, x.attcollation) IS DISTINCT FROM (t.atttypid, t.atttypmod, t.attcollation)
        UNION ALL SELECT attname, true, '', '' FROM pg_attribute
        WHERE attrelid = to_regclass($3) AND attnum > 0 AND NOT attisdropped AND attname <> ALL ($2) AND attname <> $4
        """;

    /// <summary>
    /// Creates a missing one, with the types of the target's key so that the target's equality decides, and gives it these types where
    /// somebody has altered the target.
    /// </summary>
    /// <exception cref="CdcDmsException">The target has another key than it had (<see cref="ErrorKind.BadDefinition"/>).</exception>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        if (!await CatalogTable.ExistsAsync(connection, ledger.Tombstones, cancellationToken))
            await CreateAsync(cancellationToken);
        else if ((await DifferencesAsync(cancellationToken)).Count > 0)
            await AlterAsync(cancellationToken);
    }

    private Task CreateAsync(CancellationToken cancellationToken) => connection.ExecuteTogetherAsync(
        [
            ledger.Lock(shared: false),
            // With the lock of a catalog this session takes notice of the table that another one may have made meanwhile.
            new("SELECT FROM pg_catalog.pg_namespace LIMIT 0"),
            .. Created(),
        ],
        cancellationToken);

    private IReadOnlyList<Statement> Created()
    {
        var key = Sql.Identifiers(target.Key.Select(column => column.To));
        return
        [
            new($"CREATE TABLE IF NOT EXISTS {Sql.Identifier(ledger.Tombstones)} AS "
                + $"SELECT {key}, {Sql.Identifier(TargetColumns.Version)} FROM {Sql.Identifier(target.Name)} WHERE false"),
            new($"CREATE UNIQUE INDEX IF NOT EXISTS {Sql.Identifier($"{ledger.Tombstones.Name}_key")} "
                + $"ON {Sql.Identifier(ledger.Tombstones)} ({key})"),
        ];
    }

    private async Task AlterAsync(CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteTogetherAsync([ledger.Lock(shared: false), new(LockWait.Shortly)], cancellationToken);
        // Another merge may have altered it meanwhile.
        var differences = await DifferencesAsync(cancellationToken);
        if (differences.Any(column => column.IsOfOneOnly))
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"{target.Name} has another key than before "
                + $"({string.Join(", ", differences.Select(difference => difference.Column.Name))} is of one of them only), "
                + "and deletes are remembered by the old one; restore the key, or merge into a new target.");
        if (differences.Count > 0)
            await new AlteredKey(connection, ledger, [.. differences.Select(column => column.Column)])
                .FollowAsync(Created(), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task<List<(AlteredKeyColumn Column, bool IsOfOneOnly)>> DifferencesAsync(
        CancellationToken cancellationToken) => await connection.QueryAsync(
            DifferencesSql,
            row => (new AlteredKeyColumn(row.GetString(0), row.GetString(2), row.GetString(3)), row.GetBoolean(1)),
            cancellationToken,
            Sql.Identifier(target.Name),
            target.Key.Select(column => column.To).ToArray(),
            Sql.Identifier(ledger.Tombstones),
            TargetColumns.Version).ToListAsync(cancellationToken);
}
