namespace CdcDms.Infra.Environments;

/// <summary>How DMS compresses Parquet pages. There is no Snappy (docs/dms-contract.md#s3-settings).</summary>
public enum ParquetCompression
{
    /// <summary>GZIP.</summary>
    Gzip,

    /// <summary>No compression: larger files, less work for the replication instance.</summary>
    None,
}

/// <summary>The Parquet files on S3.</summary>
public sealed record LakeSettings
{
    /// <summary>Where Athena puts the results of queries; outside the lake's prefix.</summary>
    public const string QueryResults = "query-results";

    /// <summary>The lake's folder in the bucket; DMS writes into one below it. Default: <see cref="Defaults.LakePrefix"/>.</summary>
    public required string Prefix { get; init; }

    /// <summary>Default: <see cref="Defaults.Compression"/>.</summary>
    public required ParquetCompression Compression { get; init; }

    /// <summary>
    /// Days for which a change file is kept after it was written and merged; what is not merged is kept. Default:
    /// <see cref="Defaults.RetentionDays"/>.
    /// </summary>
    public required int RetentionDays { get; init; }

    /// <summary>
    /// Days after which a change file moves to Intelligent-Tiering; null for never. It saves from a month after that on, and costs at once.
    /// Default: <see cref="Defaults.TieringAfterDays"/> where files are kept for two months after that, else never.
    /// </summary>
    public required int? TieringAfterDays { get; init; }

    /// <summary>
    /// A bucket that is there already, in the same account: its lifecycle, its policy and what encrypts other objects in it are its
    /// owner's. Default: the environment makes one.
    /// </summary>
    public string? BucketName { get; init; }

    /// <summary>
    /// A KMS key that is there already, for the lake and DMS's storage; its policy must let the account's IAM policies decide. Default: the
    /// environment makes one.
    /// </summary>
    public string? KmsKeyArn { get; init; }

    /// <summary>
    /// Whether there is a Glue catalogue of the files, with an Athena workgroup to query them. Default: <see cref="Defaults.Catalogue"/>.
    /// </summary>
    public required bool Catalogue { get; init; }
}
