using CdcDms.Contract;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
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

    /// <summary>
    /// The failure of a file that temporary storage cannot hold. It has no inner fault: half of the file would not be fetched either.
    /// </summary>
    public static CdcDmsException OfLargeFile(TableDefinition table, LakeObject file) => new(
        ErrorKind.Unavailable,
        $"{table.Source} was not merged: {file.Key} of {file.Bytes >> 20} MiB is fetched whole, also where it is merged in parts, and the "
        + "merge's temporary storage has no room for it. Give it more.");
}
