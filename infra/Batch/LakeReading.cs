using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.S3;
using CdcDms.Infra.Permissions;

namespace CdcDms.Infra.Batch;

/// <summary>What functions read of the lake. Only DMS writes files of it.</summary>
/// <param name="Bucket">The lake's bucket.</param>
/// <param name="Key">Decrypts it.</param>
/// <param name="Prefix">Where the lake begins in it.</param>
internal sealed record LakeReading(IBucket Bucket, IKey Key, string Prefix)
{
    /// <summary>Lets a function list the lake and read its objects.</summary>
    public void Allow(Role role)
    {
        role.Allow([$"{Bucket.BucketArn}/{Prefix}/*"], "s3:GetObject");
        role.Allow([Key.KeyArn], "kms:Decrypt");
        role.AddToPolicy(new PolicyStatement(new PolicyStatementProps
        {
            Actions = ["s3:ListBucket"],
            Resources = [Bucket.BucketArn],
            Conditions = new Dictionary<string, object>
            {
                ["StringLike"] = new Dictionary<string, object> { ["s3:prefix"] = new[] { Prefix, $"{Prefix}/*" } },
            },
        }));
    }
}
