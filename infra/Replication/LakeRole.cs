using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.S3;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Permissions;
using Constructs;

namespace CdcDms.Infra.Replication;

/// <summary>What the role needs.</summary>
internal sealed record LakeRoleProps
{
    public required LakeSettings Settings { get; init; }

    public required IBucket Bucket { get; init; }

    public required IKey Key { get; init; }
}

/// <summary>What DMS may do to the lake (docs/dms-contract.md#s3-role-and-limits).</summary>
internal sealed class LakeRole : Role
{
    public LakeRole(Construct scope, string id, LakeRoleProps props)
        : base(scope, id, new RoleProps
        {
            AssumedBy = ServiceTrust.OfDms(scope, Stack.Of(scope).Region),
            Description = "Lets DMS write change files below its prefix",
        })
    {
        var bucket = props.Bucket.BucketArn;
        var files = $"{bucket}/{props.Settings.Prefix}/*";
        this.Allow([files], "s3:PutObject", "s3:DeleteObject", "s3:PutObjectTagging");
        this.Allow([bucket], "s3:ListBucket", "s3:GetBucketLocation");

        // What S3 asks of a key for an object that is written, in one part or in many (S3 user guide, "Using SSE-KMS").
        this.Allow([props.Key.KeyArn], "kms:GenerateDataKey", "kms:Decrypt", "kms:DescribeKey");
    }
}
