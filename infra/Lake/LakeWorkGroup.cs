using Amazon.CDK.AWS.Athena;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.S3;
using CdcDms.Infra.Environments;
using Constructs;

namespace CdcDms.Infra.Lake;

/// <summary>The Athena workgroup in which people query the tables that DMS puts into the Glue catalogue.</summary>
internal static class LakeWorkGroup
{
    public static void Create(Construct scope, DeploymentEnvironment environment, IBucket bucket, IKey key) =>
        _ = new CfnWorkGroup(scope, "WorkGroup", new CfnWorkGroupProps
        {
            Name = $"cdcdms-{environment.Name}",
            Description = "Queries of the lake",
            RecursiveDeleteOption = !environment.KeepData,
            WorkGroupConfiguration = new CfnWorkGroup.WorkGroupConfigurationProperty
            {
                EnforceWorkGroupConfiguration = true,
                PublishCloudWatchMetricsEnabled = true,
                ResultConfiguration = new CfnWorkGroup.ResultConfigurationProperty
                {
                    OutputLocation = $"s3://{bucket.BucketName}/{LakeBucket.QueryResults}/",
                    EncryptionConfiguration = new CfnWorkGroup.EncryptionConfigurationProperty { EncryptionOption = "SSE_KMS", KmsKey = key.KeyArn },
                },
            },
        });
}
