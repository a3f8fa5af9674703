using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using Npgsql;

namespace CdcDms.Pipeline.Target;

/// <summary>Makes a missing target table, and adds the pipeline's own columns to one that is there.</summary>
internal static class TargetCreation
{
    private static readonly string[] OwnColumns =
        [$"{Sql.Identifier(TargetColumns.Version)} numeric(35,0) NOT NULL DEFAULT 0", $"{Sql.Identifier(TargetColumns.CommittedAt)} timestamptz"];

    /// <summary>Creates the table of a definition that names its key and all column types.</summary>
    /// <exception cref="CdcDmsException">It does not, or PostgreSQL refuses a type.</exception>
    public static async Task CreateAsync(NpgsqlConnection connection, TableDefinition definition, CancellationToken cancellation)
    {
        if (definition.Key is not { } key || definition.Columns is not { } columns || columns.Any(column => column.Type is null))
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"The target table {definition.TargetName} of {definition.Source} does not exist, and the definition lacks its key or column types; "
                + "let describe write a complete definition, or create the table.");

        var lines = new List<string>();
        foreach (var column in columns)
            lines.Add($"{Sql.Identifier(column.To)} {await ColumnType.CheckedAsync(connection, column.Type!, $"{definition.Source}.{column.From}", cancellation)}");
        lines.AddRange(OwnColumns);
        lines.Add($"PRIMARY KEY ({Sql.Identifiers(key.Select(from => columns.First(column => column.From == from).To))})");

        var target = definition.TargetName;
        var forget = await TableLedger.ForgettingAsync(connection, target, cancellation);
        try
        {
            await CreationLock.ExecuteAsync(
                connection,
                $"CREATE SCHEMA IF NOT EXISTS {Sql.Identifier(target.Schema)}; CREATE TABLE {Sql.Identifier(target)} ({string.Join(", ", lines)}); {forget}",
                cancellation);
        }
        catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.DuplicateTable)
        {
            // Another merge has made it meanwhile; what that one applied is not forgotten.
        }
    }

    /// <summary>Adds the version and commit time columns; rows that are there already get version 0, so every change wins over them.</summary>
    public static Task AddOwnColumnsAsync(NpgsqlConnection connection, TableName target, CancellationToken cancellation) =>
        CreationLock.ExecuteAsync(
            connection,
            $"ALTER TABLE {Sql.Identifier(target)} {string.Join(", ", OwnColumns.Select(column => "ADD COLUMN IF NOT EXISTS " + column))}",
            cancellation);
}
