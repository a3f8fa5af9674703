using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;

namespace CdcDms.Pipeline.Validation;

/// <summary>Compares a source table with its analytics table, row by row. It only reads, on both sides.</summary>
/// <param name="sourceConnection">Connection string of the source database, PostgreSQL 13 or newer.</param>
/// <param name="targetConnection">Connection string of the analytics database.</param>
public sealed class Validator(string sourceConnection, string targetConnection)
{
    /// <summary>Is told how far a comparison is, from several threads, one after the other. Default: nobody.</summary>
    public IProgress<ComparisonProgress>? Progress { get; init; }

    /// <summary>What bounds a comparison.</summary>
    internal ScanLimits Limits { get; init; } = new();

    /// <summary>
    /// Compares one table. Changes that are still on their way show as differences. So does a value that the target's type refuses, and a
    /// column that one side lacks.
    /// </summary>
    /// <param name="table">The table.</param>
    /// <param name="withValues">Whether the values of rows that differ are told as well as their keys.</param>
    /// <param name="cancellationToken">Ends the comparison.</param>
    /// <exception cref="CdcDmsException">A table or a key column is missing, rows are hidden, or both are the same table.</exception>
    public Task<TableComparison> CompareAsync(TableDefinition table, bool withValues, CancellationToken cancellationToken) =>
        ComparisonWork.RunAsync(
            table,
            async () =>
            {
                var opened = await Database.OpenBothAsync(sourceConnection, targetConnection, cancellationToken);
                await using var source = opened.Source;
                await using var target = opened.Analytics;
                await SameTable.RefuseAsync(source, target, table, cancellationToken);
                var tables = await TablePair.OpenAsync(
                    source, target, await ComparedTables.FindAsync(source, target, table, cancellationToken), Limits, cancellationToken);
                var rows = new ReadRows(table.Source.ToString(), Progress);
                return await new RowComparison(tables, table, Limits, withValues, rows).RunAsync(cancellationToken);
            },
            compared => compared.Result);
}
