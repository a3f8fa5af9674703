using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Targets;

/// <summary>The table that remembers the deletes of a target, by key and version.</summary>
internal static class TombstoneTable
{
    /// <summary>Creates a missing one, with the types of the target's key so that the target's equality decides.</summary>
    public static async Task EnsureAsync(
        NpgsqlConnection connection, TargetTable target, TableLedger ledger, CancellationToken cancellationToken)
    {
        var tombstones = ledger.Tombstones;
        if (await CatalogTable.ExistsAsync(connection, tombstones, cancellationToken))
            return;
        var key = Sql.Identifiers(target.Key.Select(column => column.To));
        var version = Sql.Identifier(TargetColumns.Version);
        await connection.ExecuteTogetherAsync(
            [
                ledger.Lock(shared: false),
                // With the lock of a catalog this session takes notice of the table that another one may have made meanwhile.
                new("SELECT FROM pg_catalog.pg_namespace LIMIT 0"),
                new($"CREATE TABLE IF NOT EXISTS {Sql.Identifier(tombstones)} AS "
                    + $"SELECT {key}, {version} FROM {Sql.Identifier(target.Name)} WHERE false"),
                new($"CREATE UNIQUE INDEX IF NOT EXISTS {Sql.Identifier($"{tombstones.Name}_key")} "
                    + $"ON {Sql.Identifier(tombstones)} ({key})"),
            ],
            cancellationToken);
    }
}
