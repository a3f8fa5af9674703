using Amazon.CDK.AWS.DMS;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.S3;
using CdcDms.Contract.Changes;
using CdcDms.Contract.Lake;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Naming;
using Constructs;

namespace CdcDms.Infra.Replication;

/// <summary>What the S3 target needs.</summary>
internal sealed record LakeEndpointProps
{
    public required DeploymentEnvironment Environment { get; init; }

    public required IBucket Bucket { get; init; }

    /// <summary>Encrypts the files.</summary>
    public required IKey Key { get; init; }
}

/// <summary>The S3 target: what the change files look like, and who may read them. All keys: docs/dms-contract.md#s3-settings.</summary>
internal sealed class LakeEndpoint : ReplicationTarget
{
    // A first load is merged by several functions side by side, so several files serve it better than one of a gigabyte, which is the
    // default. The API tells the setting for CSV only; where DMS ignores it, a large file is merged in parts.
    private const int MaxFileKilobytes = 128 * 1024;

    public LakeEndpoint(Construct scope, string id, LakeEndpointProps props)
        : base(scope, id)
    {
        var name = new ReplicationNames(props.Environment).Lake;
        var role = new LakeRole(this, "Role", new LakeRoleProps
        {
            Settings = props.Environment.Lake,
            Bucket = props.Bucket,
            Key = props.Key,
        });
        Fingerprinted = new CfnEndpointProps
        {
            EndpointIdentifier = name,
            ResourceIdentifier = name,
            EndpointType = "target",
            EngineName = "s3",
            S3Settings = Settings(props, role.RoleArn),
        };
        Resource = new CfnEndpoint(this, "Endpoint", Fingerprinted);
        Resource.OverrideLogicalId(PinnedIds.LakeEndpoint);

        // The role alone is not enough: its policy must be there when DMS first uses it.
        Resource.Node.AddDependency(role);
    }

    public override CfnEndpoint Resource { get; }

    public override CfnEndpointProps Fingerprinted { get; }

    private static CfnEndpoint.S3SettingsProperty Settings(LakeEndpointProps props, string roleArn) => new()
    {
        ServiceAccessRoleArn = roleArn,
        BucketName = props.Bucket.BucketName,
        // Each generation has a folder of its own, by which the merge tells them apart.
        BucketFolder = $"{props.Environment.Lake.Prefix}/{LakeLayout.GenerationFolder(props.Environment.Replication.Generation)}",
        ExpectedBucketOwner = props.Environment.Account,
        EncryptionMode = "sse-kms",
        ServerSideEncryptionKmsKeyId = props.Key.KeyArn,
        DataFormat = "parquet",
        MaxFileSize = MaxFileKilobytes,
        CompressionType = props.Environment.Lake.Compression == ParquetCompression.Gzip ? "gzip" : "none",
        EnableStatistics = true,
        ParquetTimestampInMillisecond = false,

        // Change files say what each row is and when it was committed; so do the rows of the full load
        // (docs/dms-contract.md#op-and-timestamp).
        IncludeOpForFullLoad = true,
        TimestampColumnName = ChangeColumns.Timestamp,
        UseTaskStartTimeForFullLoadTimestamp = true,
        DatePartitionEnabled = true,
        DatePartitionSequence = "YYYYMMDD",
        DatePartitionDelimiter = "SLASH",
        CdcMaxBatchInterval = props.Environment.Replication.CdcIntervalSeconds,
        CdcMinFileSize = props.Environment.Replication.CdcFileKilobytes,
    };
}
