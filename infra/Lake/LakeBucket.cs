using Amazon.CDK;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.S3;
using CdcDms.Infra.Environments;
using Constructs;

namespace CdcDms.Infra.Lake;

/// <summary>The bucket that DMS writes to.</summary>
internal static class LakeBucket
{
    /// <summary>Where Athena puts the results of queries; outside DMS's prefix.</summary>
    public const string QueryResults = "query-results";

    public static Bucket Create(Construct scope, LakeSettings lake, IKey key, RemovalPolicy removal) => new(scope, "Bucket", new BucketProps
    {
        Encryption = BucketEncryption.KMS,
        EncryptionKey = key,
        BucketKeyEnabled = true,
        EnforceSSL = true,
        MinimumTLSVersion = 1.2,
        BlockPublicAccess = BlockPublicAccess.BLOCK_ALL,
        ObjectOwnership = ObjectOwnership.BUCKET_OWNER_ENFORCED,

        // DMS times out listing a bucket with many versions, and asks for none (docs/dms-contract.md#s3-role-and-limits).
        Versioned = false,
        RemovalPolicy = removal,
        LifecycleRules =
        [
            new LifecycleRule
            {
                Id = "change-files",
                Prefix = lake.Prefix + "/",
                Expiration = Duration.Days(lake.RetentionDays),
                Transitions = [new Transition { StorageClass = StorageClass.INTELLIGENT_TIERING, TransitionAfter = Duration.Days(lake.TieringAfterDays) }],
            },
            new LifecycleRule { Id = "query-results", Prefix = QueryResults + "/", Expiration = Duration.Days(7) },
            new LifecycleRule { Id = "unfinished-uploads", AbortIncompleteMultipartUploadAfter = Duration.Days(7) },
        ],
    });
}
