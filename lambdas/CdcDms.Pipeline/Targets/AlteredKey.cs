using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Targets;

/// <summary>A column of a target's key whose type somebody has altered.</summary>
/// <param name="Name">The column's name in the target.</param>
/// <param name="Type">The type that the target has now.</param>
/// <param name="Collate">A <c>COLLATE</c> clause; empty where the type has none.</param>
internal sealed record AlteredKeyColumn(string Name, string Type, string Collate);

/// <summary>Brings the keys that are remembered of a target, those of deletes and of changes put aside, to the types of its key.</summary>
/// <param name="connection">A connection in a transaction that has the table's lock.</param>
/// <param name="ledger">The target's part of the ledger.</param>
/// <param name="columns">The columns that were altered.</param>
internal sealed class AlteredKey(NpgsqlConnection connection, TableLedger ledger, IReadOnlyList<AlteredKeyColumn> columns)
{
    private const string OpenKeys = "SELECT id FROM cdc.quarantine WHERE table_id = $1 AND closed_at IS NULL AND key IS NOT NULL";

    /// <summary>Brings both.</summary>
    /// <param name="created">The statements that make the table of the tombstones anew.</param>
    public async Task FollowAsync(IReadOnlyList<Statement> created, CancellationToken cancellationToken)
    {
        var tombstones = Sql.Identifier(ledger.Tombstones);
        if (await connection.TryAsync(
            () => connection.ExecuteAsync($"ALTER TABLE {tombstones} {Altered}", cancellationToken), keep: true, cancellationToken)
            is not null)
        {
            // Which rows were deleted nobody can say any more. What is older than these deletes and has no row waits as late.
            var version = Sql.Identifier(TargetColumns.Version);
            await connection.ExecuteTogetherAsync(
                [
                    new($"UPDATE cdc.tables SET purge_floor = greatest(purge_floor, (SELECT max({version}) FROM {tombstones})) "
                        + "WHERE id = $1", ledger.Id),
                    new($"DROP TABLE {tombstones}"),
                    .. created,
                ],
                cancellationToken);
        }

        await ForgetUnreadableAsync(cancellationToken);
    }

    // By way of text, from which PostgreSQL reads every type.
    private string Altered => string.Join(", ", columns.Select(column =>
        $"ALTER COLUMN {Sql.Identifier(column.Name)} TYPE {column.Type}{column.Collate} "
        + $"USING {Sql.Identifier(column.Name)}::text::{column.Type}"));

    /// <summary>A change whose key the target cannot read has no row there; it stays in the quarantine without its key.</summary>
    private async Task ForgetUnreadableAsync(CancellationToken cancellationToken)
    {
        var casts = string.Join(", ", columns.Select(column => $"CAST(key ->> {Sql.Literal(column.Name)} AS {column.Type})"));
        foreach (var id in await connection.QueryAsync(OpenKeys, row => row.GetInt64(0), cancellationToken, ledger.Id)
            .ToListAsync(cancellationToken))
        {
            var read = $"SELECT {casts} FROM cdc.quarantine WHERE id = $1";
            if (await connection.TryAsync(() => connection.ExecuteAsync(read, cancellationToken, id), keep: false, cancellationToken)
                is not null)
                await connection.ExecuteAsync("UPDATE cdc.quarantine SET key = NULL WHERE id = $1", cancellationToken, id);
        }
    }
}
