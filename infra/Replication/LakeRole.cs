using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Stacks;

namespace CdcDms.Infra.Replication;

/// <summary>What DMS may do to the lake (docs/dms-contract.md#s3-role-and-limits), and to the Glue catalogue when it keeps one.</summary>
internal static class LakeRole
{
    public static Role Create(Stack stack, DeploymentEnvironment environment, LakeStack lake)
    {
        var role = new Role(stack, "LakeRole", new RoleProps
        {
            AssumedBy = new ServicePrincipal("dms.amazonaws.com"),
            Description = "Lets DMS write change files below its prefix",
        });
        var files = $"{lake.Bucket.BucketArn}/{environment.Lake.Prefix}/*";
        Allow(role, [files], "s3:PutObject", "s3:DeleteObject", "s3:PutObjectTagging");
        Allow(role, [lake.Bucket.BucketArn], "s3:ListBucket", "s3:GetBucketLocation");
        Allow(role, [lake.Key.KeyArn], "kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:DescribeKey");
        if (environment.Lake.Catalogue)
        {
            // Its queries read what DMS wrote.
            Allow(role, [files], "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload");
            Allow(role, [lake.Bucket.BucketArn], "s3:ListBucketMultipartUploads");
            AllowCatalogue(role, stack);
        }

        return role;
    }

    // User guide, "Using AWS Glue Data Catalog with an Amazon S3 target": DMS names databases after source schemas.
    private static void AllowCatalogue(Role role, Stack stack)
    {
        string[] catalogue = [Arn(stack, "glue", "catalog"), Arn(stack, "glue", "database/*"), Arn(stack, "glue", "table/*")];
        Allow(role, catalogue, "glue:CreateDatabase", "glue:GetDatabase", "glue:CreateTable", "glue:DeleteTable", "glue:UpdateTable", "glue:GetTable",
            "glue:BatchCreatePartition", "glue:CreatePartition", "glue:UpdatePartition", "glue:GetPartition", "glue:GetPartitions", "glue:BatchGetPartition");
        Allow(role, [Arn(stack, "athena", "workgroup/glue_catalog_generation_for_task_*")],
            "athena:StartQueryExecution", "athena:GetQueryExecution", "athena:CreateWorkGroup");
    }

    private static string Arn(Stack stack, string service, string resource) => $"arn:{stack.Partition}:{service}:{stack.Region}:{stack.Account}:{resource}";

    private static void Allow(Role role, string[] resources, params string[] actions) =>
        role.AddToPolicy(new PolicyStatement(new PolicyStatementProps { Actions = actions, Resources = resources }));
}
