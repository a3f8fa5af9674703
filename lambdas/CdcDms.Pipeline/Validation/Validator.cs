using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Catalog;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;
using CdcDms.Pipeline.Tracing;
using Npgsql;

namespace CdcDms.Pipeline.Validation;

/// <summary>Compares a source table with its analytics table: row counts and a fingerprint of every column.</summary>
/// <param name="sourceConnection">Connection string of the source database.</param>
/// <param name="targetConnection">Connection string of the analytics database.</param>
public sealed class Validator(string sourceConnection, string targetConnection)
{
    /// <summary>Compares one table. Changes that are still on their way show as differences.</summary>
    /// <exception cref="CdcDmsException">A table or a column is missing, or both are the same table.</exception>
    public async Task<ValidateOutput> CompareAsync(TableDefinition table, CancellationToken cancellationToken)
    {
        using var span = PipelineTrace.Begin("compare", table);
        try
        {
            var output = await ConnectAndCompareAsync(table, cancellationToken);
            span?.SetTag(PipelineTrace.Identical, output.Identical)
                .SetTag(PipelineTrace.SourceRows, output.SourceRows)
                .SetTag(PipelineTrace.TargetRows, output.TargetRows);
            return output;
        }
        catch (CdcDmsException fault)
        {
            span?.Fail(fault);
            throw;
        }
    }

    private async Task<ValidateOutput> ConnectAndCompareAsync(TableDefinition table, CancellationToken cancellationToken)
    {
        await using var source = await Database.OpenAsync(sourceConnection, "source", cancellationToken);
        await using var target = await Database.OpenAsync(targetConnection, "analytics", cancellationToken);
        try
        {
            return await CompareAsync(source, target, table, cancellationToken);
        }
        catch (NpgsqlException fault)
        {
            throw PostgresFault.Tell(fault, $"{table.Source} was not compared with {table.Target}");
        }
    }

    private static async Task<ValidateOutput> CompareAsync(
        NpgsqlConnection source, NpgsqlConnection target, TableDefinition table, CancellationToken cancellationToken)
    {
        await SameTable.RefuseAsync(source, target, table, cancellationToken);
        var sourceTable = await FindAsync(source, table.Source, "source", cancellationToken);
        var targetTable = await FindAsync(target, table.TargetName, "analytics", cancellationToken);
        var columns = Compared(table, sourceTable, targetTable);

        var sourceValues = new List<string>();
        foreach (var column in columns)
            sourceValues.Add(await SourceTextAsync(source, sourceTable.Column(column.From)!, column, cancellationToken));
        var targetValues = columns.Select(column => Text(Sql.Identifier(column.To), column.Type)).ToList();
        var alive = targetTable.Column(TargetColumns.Deleted) is null ? "true" : $"NOT {Sql.Identifier(TargetColumns.Deleted)}";
        var fingerprints = await Task.WhenAll(
            Fingerprint.OfAsync(source, table.Source, Keys(columns, sourceValues), sourceValues, "true", cancellationToken),
            Fingerprint.OfAsync(target, table.TargetName, Keys(columns, targetValues), targetValues, alive, cancellationToken));

        var (expected, actual) = (fingerprints[0], fingerprints[1]);
        var different = columns.Where((_, index) => expected.Columns[index] != actual.Columns[index]).Select(column => column.To);
        var output = new ValidateOutput
        {
            Table = table.Source.ToString(),
            SourceRows = expected.Rows,
            TargetRows = actual.Rows,
            DifferentColumns = [.. different, .. Forgotten(table, sourceTable, columns)],
        };
        if (output.Identical)
            await TableLedger.NeedsNoBackfillAsync(target, table.TargetName, cancellationToken);
        return output;
    }

    private static async Task<CatalogTable> FindAsync(
        NpgsqlConnection connection, TableName name, string role, CancellationToken cancellationToken) =>
        await CatalogTable.FindAsync(connection, name, cancellationToken)
            ?? throw new CdcDmsException(
                ErrorKind.BadDefinition, $"The {role} database has no table {name}; correct the definition or merge first.");

    /// <summary>
    /// The target's columns that are compared. A column that nobody listed and the source no longer has keeps its last values.
    /// </summary>
    /// <exception cref="CdcDmsException">The source lacks a column that the definition lists.</exception>
    private static List<TargetColumn> Compared(TableDefinition table, CatalogTable source, CatalogTable target)
    {
        var listed = (table.Columns ?? []).Select(column => column.From).ToHashSet();
        var columns = TargetTable.Resolve(table, target)
            .Where(column => source.Column(column.From) is not null || listed.Contains(column.From)).ToList();
        if (columns.FirstOrDefault(column => source.Column(column.From) is null) is { } missing)
            throw new CdcDmsException(
                ErrorKind.BadDefinition, $"The source table {table.Source} has no column {missing.From}; correct the definition.");
        return columns;
    }

    /// <summary>Columns that the source has and nobody has chosen to leave out.</summary>
    private static IEnumerable<string> Forgotten(TableDefinition table, CatalogTable source, IReadOnlyList<TargetColumn> columns)
    {
        if (table.NewColumnPolicy is NewColumnPolicy.Ignore)
            return [];
        var known = columns.Select(column => column.From).Concat(table.LeaveOut ?? []).ToHashSet();
        return source.Columns.Where(column => !column.IsGenerated && !known.Contains(column.Name)).Select(column => column.Name);
    }

    private static List<string> Keys(IReadOnlyList<TargetColumn> columns, IReadOnlyList<string> values) =>
        [.. values.Where((_, index) => columns[index].IsKey)];

    /// <summary>The source's value as the target's type writes it, so that an enum equals its text and a json its jsonb.</summary>
    private static async Task<string> SourceTextAsync(
        NpgsqlConnection source, CatalogColumn column, TargetColumn target, CancellationToken cancellationToken)
    {
        var name = Sql.Identifier(column.Name);
        if (column.BaseType == target.Type)
            return Text(name, column.BaseType);
        var known = await source.ScalarAsync<bool>("SELECT to_regtype($1) IS NOT NULL", cancellationToken, target.Type);
        return known ? Text($"CAST({name}::text AS {target.Type})", target.Type) : $"{name}::text";
    }

    // 1.5 and 1.500 are one number, but two texts.
    private static string Text(string value, string type) => type == "numeric" ? $"trim_scale({value})::text" : $"{value}::text";
}
