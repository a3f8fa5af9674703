using Amazon.CDK;
using Amazon.CDK.AWS.DMS;
using CdcDms.Contract.Changes;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Stacks;

namespace CdcDms.Infra.Replication;

/// <summary>The S3 target: what the change files look like, and who may read them. All keys: docs/dms-contract.md#s3-settings.</summary>
internal sealed class LakeEndpoint
{
    public LakeEndpoint(Stack stack, DeploymentEnvironment environment, LakeStack lake, ReplicationNames names)
    {
        var role = LakeRole.Create(stack, environment, lake);
        Props = new CfnEndpointProps
        {
            EndpointIdentifier = names.Lake,
            ResourceIdentifier = names.Lake,
            EndpointType = "target",
            EngineName = "s3",
            S3Settings = Settings(environment, lake, role.RoleArn),
        };
        Resource = new CfnEndpoint(stack, "LakeEndpoint", Props);

        // The role alone is not enough: its policy must be there when DMS first uses it.
        Resource.Node.AddDependency(role);
    }

    public CfnEndpoint Resource { get; }

    public CfnEndpointProps Props { get; }

    private static CfnEndpoint.S3SettingsProperty Settings(DeploymentEnvironment environment, LakeStack lake, string roleArn) => new()
    {
        ServiceAccessRoleArn = roleArn,
        BucketName = lake.Bucket.BucketName,
        BucketFolder = environment.Lake.Prefix,
        ExpectedBucketOwner = environment.Account,
        EncryptionMode = "sse-kms",
        ServerSideEncryptionKmsKeyId = lake.Key.KeyArn,
        DataFormat = "parquet",
        CompressionType = environment.Lake.Compression == ParquetCompression.Gzip ? "gzip" : "none",
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
        CdcMaxBatchInterval = environment.Replication.CdcIntervalSeconds,
        CdcMinFileSize = environment.Replication.CdcFileKilobytes,
        GlueCatalogGeneration = environment.Lake.Catalogue,
    };
}
