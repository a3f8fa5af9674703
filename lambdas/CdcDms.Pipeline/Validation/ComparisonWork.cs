using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Tracing;
using Npgsql;

namespace CdcDms.Pipeline.Validation;

/// <summary>The work of a comparison: traced, and its faults told in one sentence.</summary>
internal static class ComparisonWork
{
    /// <summary>Compares a table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="compareAsync">Does the work.</param>
    /// <param name="found">What the comparison found.</param>
    /// <exception cref="CdcDmsException">The comparison failed.</exception>
    public static async Task<T> RunAsync<T>(TableDefinition table, Func<Task<T>> compareAsync, Func<T, ValidateOutput> found)
    {
        using var span = PipelineTrace.Begin("compare", table);
        try
        {
            var compared = await TellingAsync(table, compareAsync);
            var result = found(compared);
            span?.SetTag(PipelineTrace.Identical, result.Identical)
                .SetTag(PipelineTrace.SourceRows, result.SourceRows)
                .SetTag(PipelineTrace.TargetRows, result.TargetRows);
            return compared;
        }
        catch (CdcDmsException fault)
        {
            span?.Fail(fault);
            throw;
        }
    }

    private static async Task<T> TellingAsync<T>(TableDefinition table, Func<Task<T>> compareAsync)
    {
        var failure = $"{table.Source} was not compared with {table.Target}";
        try
        {
            return await compareAsync();
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
