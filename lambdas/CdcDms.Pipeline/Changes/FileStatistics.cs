using CdcDms.DuckDb;

namespace CdcDms.Pipeline.Changes;

/// <summary>What the footers of files tell of their values.</summary>
/// <param name="Bytes">Size of all values, not compressed.</param>
/// <param name="WithoutValue">The columns of which no file has a value that is not NULL.</param>
internal sealed record FileStatistics(long Bytes, IReadOnlyList<string> WithoutValue)
{
    /// <summary>Reads the footers. A column of which one says nothing counts as one with values.</summary>
    /// <param name="connection">Where the files are read.</param>
    /// <param name="paths">A list of DuckDB with the files' local paths.</param>
    public static FileStatistics Of(DuckDbConnection connection, string paths)
    {
        var (bytes, withoutValue) = (0L, new List<string>());
        using var columns = connection.Query(
            "SELECT path_in_schema, sum(total_uncompressed_size)::BIGINT, bool_and(coalesce(stats_null_count = num_values, false))"
            + $" FROM parquet_metadata({paths}) GROUP BY path_in_schema");
        while (columns.Next(out var chunk))
            for (var row = 0; row < chunk.Rows; row++)
            {
                bytes += chunk[1].Get<long>(row);
                if (chunk[2].Get<bool>(row))
                    withoutValue.Add(chunk[0].Text(row)!);
            }

        return new FileStatistics(bytes, withoutValue);
    }
}
