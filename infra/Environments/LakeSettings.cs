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
    /// <summary>The lake's folder in the bucket; DMS writes into one below it. Default: <see cref="Defaults.LakePrefix"/>.</summary>
    public required string Prefix { get; init; }

    /// <summary>Default: <see cref="Defaults.Compression"/>.</summary>
    public required ParquetCompression Compression { get; init; }

    /// <summary>Days after which a change file is deleted. Default: <see cref="Defaults.RetentionDays"/>.</summary>
    public required int RetentionDays { get; init; }

    /// <summary>Days after which a change file moves to Intelligent-Tiering. Default: <see cref="Defaults.TieringAfterDays"/>.</summary>
    public required int TieringAfterDays { get; init; }

    /// <summary>
    /// Whether DMS keeps a Glue catalogue of the files, with an Athena workgroup to query them. Default: <see cref="Defaults.Catalogue"/>.
    /// </summary>
    public required bool Catalogue { get; init; }
}
