using Amazon.CDK;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.S3;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Lake;
using Constructs;

namespace CdcDms.Infra.Stacks;

/// <summary>The key, the bucket and, when wanted, the workgroup to query it.</summary>
public sealed class LakeStack : EnvironmentStack
{
    /// <summary>Makes the stack.</summary>
    public LakeStack(Construct scope, DeploymentEnvironment environment)
        : base(scope, "lake", environment, "CdcDms: the Parquet files on S3")
    {
        Key = new Key(this, "Key", new KeyProps
        {
            Description = $"CdcDms {environment.Name}: lake, replication storage",
            EnableKeyRotation = true,
            RemovalPolicy = DataRemoval,
        });
        Bucket = LakeBucket.Create(this, environment.Lake, Key, DataRemoval);
        if (environment.Lake.Catalogue)
            LakeWorkGroup.Create(this, environment, Bucket, Key);

        Offer(Key.KeyArn, Bucket.BucketName, Bucket.BucketArn);
        _ = new CfnOutput(this, "Lake", new CfnOutputProps
        {
            Description = "The lake, as the command line takes it",
            Value = $"s3://{Bucket.BucketName}/{environment.Lake.Prefix}",
        });
    }

    /// <summary>Encrypts the lake and DMS's own storage.</summary>
    public Key Key { get; }

    /// <summary>Holds the change files.</summary>
    public Bucket Bucket { get; }
}
