using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Targets;

/// <summary>The table that remembers the deletes of a target, by key and version.</summary>
internal static class TombstoneTable
{
    /// <summary>Creates a missing one, with the types of the target's key so that the target's equality decides.</summary>
    public static async Task EnsureAsync(
        NpgsqlConnection connection, TargetTable target, TableName tombstones, CancellationToken cancellationToken)
    {
        if (await CatalogTable.ExistsAsync(connection, tombstones, cancellationToken))
            return;
        var key = Sql.Identifiers(target.Key.Select(column => column.To));
        var version = Sql.Identifier(TargetColumns.Version);
        await CreationLock.ExecuteAsync(
            connection,
            $"CREATE TABLE IF NOT EXISTS {Sql.Identifier(tombstones)} AS "
            + $"SELECT {key}, {version} FROM {Sql.Identifier(target.Name)} WHERE false; "
            + $"CREATE UNIQUE INDEX IF NOT EXISTS {Sql.Identifier($"{tombstones.Name}_key")} ON {Sql.Identifier(tombstones)} ({key})",
            cancellationToken);
    }
}
