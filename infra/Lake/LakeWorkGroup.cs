using Amazon.CDK.AWS.Athena;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.S3;
using CdcDms.Infra.Environments;
using Constructs;

namespace CdcDms.Infra.Lake;

/// <summary>What the workgroup needs.</summary>
internal sealed record LakeWorkGroupProps
{
    public required string Name { get; init; }

    /// <summary>Where results are put.</summary>
    public required IBucket Bucket { get; init; }

    /// <summary>Encrypts the results.</summary>
    public required IKey Key { get; init; }
}

/// <summary>The Athena workgroup in which people query the tables of the Glue catalogue.</summary>
internal sealed class LakeWorkGroup(Construct scope, string id, LakeWorkGroupProps props) : CfnWorkGroup(scope, id, new CfnWorkGroupProps
{
    Name = props.Name,
    Description = "Queries of the lake",
    // The history of queries is no data, and a workgroup that has one is not deleted otherwise.
    RecursiveDeleteOption = true,
    WorkGroupConfiguration = new WorkGroupConfigurationProperty
    {
        EnforceWorkGroupConfiguration = true,
        PublishCloudWatchMetricsEnabled = true,
        ResultConfiguration = new ResultConfigurationProperty
        {
            OutputLocation = $"s3://{props.Bucket.BucketName}/{LakeSettings.QueryResults}/",
            EncryptionConfiguration = new EncryptionConfigurationProperty { EncryptionOption = "SSE_KMS", KmsKey = props.Key.KeyArn },
        },
    },
});
