namespace CdcDms.Functions.Tables;

/// <summary>How much one merge may take, so that the merge ends within the function's time and storage.</summary>
internal static class BatchBounds
{
    // The files lie on the disk beside what DuckDB spills of them, which is not compressed.
    private const int StorageShare = 4;

    // Half of what the merge did per second into a table of a million rows, on one slow core and beside other work.
    private const long ParquetBytesPerSecond = 1 << 20;

    private const int MemoryShare = 2;
    private const int DefaultMemoryMegabytes = 1024;

    /// <summary>Memory for ordering changes: half of the function's, which leaves the other half to .NET and DuckDB's buffers.</summary>
    public static int DuckDbMegabytes => FunctionMegabytes / MemoryShare;

    private static int FunctionMegabytes =>
        int.TryParse(Environment.GetEnvironmentVariable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"), out var megabytes)
            ? megabytes
            : DefaultMemoryMegabytes;

    /// <summary>
    /// Bytes of a batch: those that are asked for, or fewer if time or storage are short. A batch always takes one file, whatever its
    /// size.
    /// </summary>
    /// <param name="wanted">Bytes of Parquet that the input asks for.</param>
    /// <param name="remaining">Time until the function is killed.</param>
    /// <param name="freeBytes">Free temporary storage.</param>
    public static long Bytes(long wanted, TimeSpan remaining, long freeBytes) =>
        Math.Min(wanted, Math.Min(freeBytes / StorageShare, (long)(remaining.TotalSeconds * ParquetBytesPerSecond)));

    /// <summary>Free space where the batch's files go.</summary>
    public static long FreeBytes => new DriveInfo(Path.GetTempPath()).AvailableFreeSpace;
}
