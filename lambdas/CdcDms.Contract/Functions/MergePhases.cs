namespace CdcDms.Contract.Functions;

/// <summary>Where the time of a batch went, in seconds.</summary>
public sealed record MergePhases
{
    /// <summary>Listing the lake and asking the ledger.</summary>
    public double ListSeconds { get; init; }

    /// <summary>Fetching files from S3.</summary>
    public double FetchSeconds { get; init; }

    /// <summary>Reading keys and versions, and reducing to the last change of each key.</summary>
    public double ReduceSeconds { get; init; }

    /// <summary>Reading the rows and streaming them into the staging table.</summary>
    public double CopySeconds { get; init; }

    /// <summary>The statements that merge, the ledger and the commit.</summary>
    public double MergeSeconds { get; init; }
}
