using System.Text.RegularExpressions;

namespace CdcDms.Pipeline.Lake;

/// <summary>Names in the folder of a feed, whose files others than DMS write.</summary>
internal static partial class DataFileName
{
    /// <summary>
    /// Whether an object is a data file: it has one of Parquet's endings, in any case, perhaps with that of the compression inside, and is
    /// not hidden.
    /// </summary>
    /// <param name="path">The object's key without the folder.</param>
    public static bool IsData(string path) => DataPattern().IsMatch(path) && !IsHidden(path);

    /// <summary>
    /// Whether a part of the path begins with a dot or an underscore. As in Spark and Hive such objects are no data: what a writer has not
    /// committed yet (<c>_temporary</c>), logs and checkpoints (<c>_delta_log</c>, <c>_spark_metadata</c>), checksums
    /// (<c>.part-0.parquet.crc</c>). A folder <c>_day=2026-01-01</c> holds the value of a column and is not hidden.
    /// </summary>
    /// <param name="path">The object's key without the folder.</param>
    public static bool IsHidden(string path) =>
        path.Split('/').Any(part => part.StartsWith('.') || (part.StartsWith('_') && !part.Contains('=', StringComparison.Ordinal)));

    [GeneratedRegex(
        @"\.(parquet|parq|pq)(\.(gz|gzip|snappy|zst|zstd|lz4|br|brotli))?$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex DataPattern();
}
