using CdcDms.DuckDb;
using CdcDms.Pipeline.Changes;
using Npgsql;

namespace CdcDms.Pipeline.Merging;

/// <summary>Failures that a smaller batch would not have: too little time, memory or storage.</summary>
internal static class Exhaustion
{
    /// <summary>Whether a batch's failure, or what was behind it, is of that kind.</summary>
    public static bool Is(Exception fault) => fault switch
    {
        OperationCanceledException or OutOfMemoryException => true,
        DuckDbException reading => FetchedFile.IsExhaustion(reading),
        IOException writing => FetchedFile.IsFullDisk(writing),
        PostgresException
        {
            SqlState: PostgresErrorCodes.QueryCanceled or PostgresErrorCodes.OutOfMemory or PostgresErrorCodes.DiskFull,
        } => true,
        { InnerException: { } inner } => Is(inner),
        _ => false,
    };
}
