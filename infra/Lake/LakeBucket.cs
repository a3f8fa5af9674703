using Amazon.CDK;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.S3;
using CdcDms.Contract.Lake;
using CdcDms.Infra.Environments;
using Constructs;

namespace CdcDms.Infra.Lake;

/// <summary>What the bucket needs.</summary>
internal sealed record LakeBucketProps
{
    public required LakeSettings Settings { get; init; }

    /// <summary>Encrypts the files.</summary>
    public required IKey Key { get; init; }

    /// <summary>What happens to the bucket when its stack goes.</summary>
    public required RemovalPolicy Removal { get; init; }
}

/// <summary>The bucket that DMS writes to.</summary>
internal sealed class LakeBucket(Construct scope, string id, LakeBucketProps props) : Bucket(scope, id, new BucketProps
{
    Encryption = BucketEncryption.KMS,
    EncryptionKey = props.Key,
    BucketKeyEnabled = true,
    EnforceSSL = true,
    MinimumTLSVersion = 1.2,
    BlockPublicAccess = BlockPublicAccess.BLOCK_ALL,
    ObjectOwnership = Amazon.CDK.AWS.S3.ObjectOwnership.BUCKET_OWNER_ENFORCED,

    // DMS times out listing a bucket with many versions, and asks for none (docs/dms-contract.md#s3-role-and-limits).
    Versioned = false,
    RemovalPolicy = props.Removal,
    LifecycleRules =
    [
        .. Tiering(props.Settings),
        new LifecycleRule
        {
            Id = "answers",
            Prefix = $"{props.Settings.Prefix}/{LakeLayout.AnswerFolder}/",
            Expiration = Duration.Days(1),
        },
        new LifecycleRule
        {
            Id = "spark",
            Prefix = $"{props.Settings.Prefix}/{LakeLayout.SparkFolder}/",
            Expiration = Duration.Days(7),
        },
        new LifecycleRule { Id = "query-results", Prefix = LakeSettings.QueryResults + "/", Expiration = Duration.Days(7) },
        new LifecycleRule { Id = "unfinished-uploads", AbortIncompleteMultipartUploadAfter = Duration.Days(7) },
    ],
})
{
    // No rule deletes change files: S3 does not know which are merged. The merge does.
    private static IEnumerable<ILifecycleRule> Tiering(LakeSettings settings) => settings.TieringAfterDays is { } days
        ?
        [
            new LifecycleRule
            {
                Id = "tiering",
                Prefix = settings.Prefix + "/",
                Transitions = [new Transition { StorageClass = StorageClass.INTELLIGENT_TIERING, TransitionAfter = Duration.Days(days) }],
            },
        ]
        : [];
}
