using System.Text.Json.Serialization;

namespace CdcDms.Contract.Functions;

/// <summary>Where the time of a batch went, in seconds.</summary>
public sealed record MergePhases
{
    /// <summary>Listing the lake and asking the ledger.</summary>
    public double ListSeconds { get; init; }

    /// <summary>Fetching files from S3.</summary>
    public double FetchSeconds { get; init; }

    /// <summary>Connecting, giving the target the columns that the files need, and waiting for the table's other merges.</summary>
    public double PrepareSeconds { get; init; }

    /// <summary>Reading keys and versions, and reducing to the last change of each key.</summary>
    public double ReduceSeconds { get; init; }

    /// <summary>Reading the rows and streaming them into the staging table, or into the target itself.</summary>
    public double CopySeconds { get; init; }

    /// <summary>The statements that merge, the ledger and the commit.</summary>
    public double MergeSeconds { get; init; }

    /// <summary>All of it.</summary>
    [JsonIgnore]
    public double Seconds =>
        Rounded(ListSeconds + FetchSeconds + PrepareSeconds + ReduceSeconds + CopySeconds + MergeSeconds);

    /// <summary>Adds up two batches.</summary>
    public static MergePhases operator +(MergePhases left, MergePhases right) => new()
    {
        ListSeconds = Rounded(left.ListSeconds + right.ListSeconds),
        FetchSeconds = Rounded(left.FetchSeconds + right.FetchSeconds),
        PrepareSeconds = Rounded(left.PrepareSeconds + right.PrepareSeconds),
        ReduceSeconds = Rounded(left.ReduceSeconds + right.ReduceSeconds),
        CopySeconds = Rounded(left.CopySeconds + right.CopySeconds),
        MergeSeconds = Rounded(left.MergeSeconds + right.MergeSeconds),
    };

    private static double Rounded(double seconds) => Math.Round(seconds, 3);
}
