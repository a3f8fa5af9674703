using CdcDms.Pipeline.Merging;

namespace CdcDms.Functions.Tables;

/// <summary>How much one merge may take, so that the merge ends within the function's time and storage.</summary>
internal static class BatchBounds
{
    // The files lie on the disk beside what DuckDB spills of them, which is not compressed.
    private const int StorageShare = 4;

    // Half of what the merge did per second into a table of a million rows, on one slow core and beside other work.
    private const long ParquetBytesPerSecond = 1 << 20;
    private const long RowsPerSecond = 10_000;

    // A file is a request to S3 of some 30 ms, sixteen at a time, and a footer that is read several times.
    private const int FilesPerSecond = 20;
    private const int MostFiles = 5_000;

    private const int MemoryShare = 2;
    private const int DefaultMemoryMegabytes = 1024;

    /// <summary>Memory for ordering changes: half of the function's, which leaves the other half to .NET and DuckDB's buffers.</summary>
    public static int DuckDbMegabytes => FunctionMegabytes / MemoryShare;

    private static int FunctionMegabytes =>
        int.TryParse(Environment.GetEnvironmentVariable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"), out var megabytes)
            ? megabytes
            : DefaultMemoryMegabytes;

    /// <summary>What is asked for, or less if time or storage are short.</summary>
    /// <param name="wantedBytes">Bytes of Parquet that the input asks for.</param>
    /// <param name="remaining">Time until the function is killed.</param>
    /// <param name="freeBytes">Free temporary storage.</param>
    public static BatchLimits Of(long wantedBytes, TimeSpan remaining, long freeBytes)
    {
        var seconds = Math.Max(1, (long)remaining.TotalSeconds);
        var fitting = Math.Min(freeBytes / StorageShare, seconds * ParquetBytesPerSecond);
        return new BatchLimits
        {
            Bytes = Math.Min(wantedBytes, fitting),
            FileBytes = Math.Max(1, fitting),
            Files = (int)Math.Min(MostFiles, seconds * FilesPerSecond),
            Rows = seconds * RowsPerSecond,
        };
    }

    /// <summary>Free space where the batch's files go.</summary>
    public static long FreeBytes => new DriveInfo(Path.GetTempPath()).AvailableFreeSpace;
}
