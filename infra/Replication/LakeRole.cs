using Amazon.CDK;
using Amazon.CDK.AWS.IAM;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.S3;
using CdcDms.Contract.Tables;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Naming;
using CdcDms.Infra.Permissions;
using Constructs;

namespace CdcDms.Infra.Replication;

/// <summary>What the role needs.</summary>
internal sealed record LakeRoleProps
{
    public required LakeSettings Settings { get; init; }

    /// <summary>The schemas of the source's tables, after which DMS names databases of the catalogue.</summary>
    public required IEnumerable<string> Schemas { get; init; }

    public required IBucket Bucket { get; init; }

    public required IKey Key { get; init; }
}

/// <summary>What DMS may do to the lake (docs/dms-contract.md#s3-role-and-limits), and to the Glue catalogue when it keeps one.</summary>
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
        if (props.Settings.Catalogue)
        {
            // Athena's queries read what DMS wrote.
            this.Allow([files], "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload");
            this.Allow([bucket], "s3:ListBucketMultipartUploads");
            AllowCatalogue(props.Schemas.Append(MarkerTable.Name.Schema).Distinct());
        }
    }

    // User guide, "Using AWS Glue Data Catalog with an Amazon S3 target": DMS names databases after source schemas.
    private void AllowCatalogue(IEnumerable<string> schemas)
    {
        this.Allow(
            [
                Arns.Glue(this, "catalog"),
                .. schemas.SelectMany(schema => new[] { Arns.Glue(this, $"database/{schema}"), Arns.Glue(this, $"table/{schema}/*") }),
            ],
            "glue:CreateDatabase",
            "glue:GetDatabase",
            "glue:CreateTable",
            "glue:DeleteTable",
            "glue:UpdateTable",
            "glue:GetTable",
            "glue:BatchCreatePartition",
            "glue:CreatePartition",
            "glue:UpdatePartition",
            "glue:GetPartition",
            "glue:GetPartitions",
            "glue:BatchGetPartition");
        this.Allow(
            [Arns.AthenaWorkGroup(this, "glue_catalog_generation_for_task_*")],
            "athena:StartQueryExecution",
            "athena:GetQueryExecution",
            "athena:CreateWorkGroup");
    }
}
