using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.S3;
using CdcDms.Infra.Permissions;

namespace CdcDms.Infra.Batch;

/// <summary>Lets functions read the lake.</summary>
internal static class LakeAccess
{
    /// <summary>Lets a role list and read the objects below the lake's prefix. Only DMS writes files of the lake.</summary>
    public static void ReadsLake(this Role role, IBucket bucket, IKey key, string prefix)
    {
        role.Allow([$"{bucket.BucketArn}/{prefix}/*"], "s3:GetObject");
        role.Allow([key.KeyArn], "kms:Decrypt");
        role.AddToPolicy(new PolicyStatement(new PolicyStatementProps
        {
            Actions = ["s3:ListBucket"],
            Resources = [bucket.BucketArn],
            Conditions = new Dictionary<string, object>
            {
                ["StringLike"] = new Dictionary<string, object> { ["s3:prefix"] = new[] { prefix, $"{prefix}/*" } },
            },
        }));
    }
}
