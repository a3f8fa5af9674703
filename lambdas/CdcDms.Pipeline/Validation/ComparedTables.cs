using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;
using Npgsql;

namespace CdcDms.Pipeline.Validation;

/// <summary>Both sides of a comparison as their catalogs have them, and what is compared.</summary>
/// <param name="Source">The source table.</param>
/// <param name="Target">The analytics table.</param>
/// <param name="Columns">The target's columns whose values are compared; the key is among them.</param>
/// <param name="Missing">Columns that one side lacks although nobody has chosen to leave them out; each is a difference.</param>
internal sealed record ComparedTables(
    CatalogTable Source, CatalogTable Target, IReadOnlyList<TargetColumn> Columns, IReadOnlyList<string> Missing)
{
    /// <summary>Which rows of the target are not deleted; null where all are.</summary>
    public string? TargetCondition =>
        Target.Column(TargetColumns.Deleted) is null ? null : $"NOT {Sql.Identifier(TargetColumns.Deleted)}";

    /// <summary>Looks both tables up. A column that nobody listed and the source no longer has keeps its last values.</summary>
    /// <exception cref="CdcDmsException">A table is missing, or the source lacks a column of the key.</exception>
    public static async Task<ComparedTables> FindAsync(
        NpgsqlConnection source, NpgsqlConnection target, TableDefinition table, CancellationToken cancellationToken)
    {
        var sourceTable = await FindAsync(source, table.Source, "source", "correct the definition", cancellationToken);
        var targetTable = await FindAsync(
            target, table.TargetName, "analytics", "correct the definition or merge first", cancellationToken);
        var replicated = TargetTable.Resolve(table, targetTable);
        var there = replicated.ToLookup(column => sourceTable.Column(column.From) is not null);
        if (there[false].FirstOrDefault(column => column.IsKey) is { } key)
            throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"The source table {table.Source} has no column {key.From}, which is in the key; correct the definition.");

        var listed = (table.Columns ?? []).Select(column => column.From).ToHashSet();
        var known = replicated.Select(column => column.From).Concat(table.LeaveOut ?? []).ToHashSet();
        var forgotten = table.NewColumnPolicy is NewColumnPolicy.Ignore ? []
            : sourceTable.Columns.Where(column => !column.IsGenerated && !known.Contains(column.Name)).Select(column => column.Name);
        return new ComparedTables(
            sourceTable,
            targetTable,
            [.. there[true]],
            [.. there[false].Where(column => listed.Contains(column.From)).Select(column => column.To), .. forgotten]);
    }

    private static async Task<CatalogTable> FindAsync(
        NpgsqlConnection connection, TableName name, string role, string cure, CancellationToken cancellationToken) =>
        await CatalogTable.FindAsync(connection, name, cancellationToken)
            ?? throw new CdcDmsException(ErrorKind.BadDefinition, $"The {role} database has no table {name}; {cure}.");
}
