using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Tracing;
using Npgsql;

namespace CdcDms.Pipeline.Validation;

/// <summary>Compares a source table with its analytics table: row counts and a fingerprint of every column.</summary>
/// <param name="sourceConnection">Connection string of the source database, PostgreSQL 13 or newer.</param>
/// <param name="targetConnection">Connection string of the analytics database.</param>
public sealed class Validator(string sourceConnection, string targetConnection)
{
    /// <summary>
    /// Compares one table. Changes that are still on their way show as differences, and so does a column that cannot be compared: one that
    /// a side lacks, or with a value that the target's type refuses.
    /// </summary>
    /// <exception cref="CdcDmsException">A table or a key column is missing, rows are hidden, or both are the same table.</exception>
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
        var tables = await ComparedTables.FindAsync(source, target, table, cancellationToken);
        var (sourceText, targetText) = await ComparedText.OfAsync(source, target, cancellationToken);
        var sourceValues = new List<ComparedValue>();
        foreach (var column in tables.Columns)
            sourceValues.Add(await sourceText.OfAsync(tables.Source.Column(column.From)!, column, cancellationToken));
        var fingerprints = await Task.WhenAll(
            Fingerprint.OfAsync(source, tables.SourceRows, sourceValues, cancellationToken),
            Fingerprint.OfAsync(target, tables.TargetRows, [.. tables.Columns.Select(targetText.Of)], cancellationToken));

        var (expected, actual) = (fingerprints[0], fingerprints[1]);
        var different = tables.Columns
            .Where((_, index) => expected.Columns[index] is not { } sum || sum != actual.Columns[index])
            .Select(column => column.To);
        var output = new ValidateOutput
        {
            Table = table.Source.ToString(),
            SourceRows = expected.Rows,
            TargetRows = actual.Rows,
            DifferentColumns = [.. different, .. tables.Missing],
        };
        if (output.Identical)
            await TableLedger.NeedsNoBackfillAsync(target, table.TargetName, cancellationToken);
        return output;
    }
}
