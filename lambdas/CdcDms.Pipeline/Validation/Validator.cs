using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Tracing;
using Npgsql;

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

    /// <summary>The marker of which the source must know in each statement. Default: none.</summary>
    internal SettledMarker? Settled { get; init; }

    /// <summary>
    /// Compares one table. Changes that are still on their way show as differences. So does a value that the target's type refuses, and a
    /// column that one side lacks.
    /// </summary>
    /// <param name="table">The table.</param>
    /// <param name="withValues">Whether the values of rows that differ are told as well as their keys.</param>
    /// <param name="cancellationToken">Ends the comparison.</param>
    /// <exception cref="CdcDmsException">A table or a key column is missing, rows are hidden, or both are the same table.</exception>
    public async Task<TableComparison> CompareAsync(TableDefinition table, bool withValues, CancellationToken cancellationToken)
    {
        using var span = PipelineTrace.Begin("compare", table);
        try
        {
            var found = await ConnectAndCompareAsync(table, withValues, cancellationToken);
            span?.SetTag(PipelineTrace.Identical, found.Result.Identical)
                .SetTag(PipelineTrace.SourceRows, found.Result.SourceRows)
                .SetTag(PipelineTrace.TargetRows, found.Result.TargetRows);
            return found;
        }
        catch (CdcDmsException fault)
        {
            span?.Fail(fault);
            throw;
        }
    }

    private async Task<TableComparison> ConnectAndCompareAsync(
        TableDefinition table, bool withValues, CancellationToken cancellationToken)
    {
        await using var source = await Database.OpenAsync(sourceConnection, "source", cancellationToken);
        await using var target = await Database.OpenAsync(targetConnection, "analytics", cancellationToken);
        var failure = $"{table.Source} was not compared with {table.Target}";
        try
        {
            await SameTable.RefuseAsync(source, target, table, cancellationToken);
            var tables = await ComparedTables.FindAsync(source, target, table, cancellationToken);
            var rows = new ReadRows(table.Source.ToString(), Progress);
            return await new RowComparison(source, target, table, Limits, withValues, rows, Settled)
                .RunAsync(tables, cancellationToken);
        }
        catch (NpgsqlException fault)
        {
            throw PostgresFault.Tell(fault, failure);
        }
        catch (IOException fault)
        {
            throw new CdcDmsException(
                ErrorKind.Unavailable,
                $"{failure}: the hashes of the rows that may differ could not be kept in {Path.GetTempPath()} "
                + $"({fault.Message.TrimEnd('.')}); make room for 40 bytes a row.",
                fault);
        }
    }
}
