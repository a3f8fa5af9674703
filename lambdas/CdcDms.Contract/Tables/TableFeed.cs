namespace CdcDms.Contract.Tables;

/// <summary>Plain Parquet files below a prefix, without operations: every row is an upsert, and nothing is ever deleted.</summary>
public sealed record TableFeed
{
    /// <summary>The folder of the pipeline's own objects, in which no feed can be.</summary>
    public const string ReservedFolder = "_cdcdms";

    /// <summary>Where the files are, below the lake's own prefix, with its closing slash: <c>processed/orders/</c>.</summary>
    public required string Prefix { get; init; }

    /// <summary>
    /// A column of the files, of an integer, date or timestamp type, whose larger value is the newer row. Default: none; then the time in
    /// the file's name, or else the file's modification time, then the file's key and the row's place order the rows, which says less
    /// about the source.
    /// </summary>
    public string? OrderBy { get; init; }
}
