using Amazon.CDK;
using Amazon.CDK.AWS.KMS;
using Amazon.CDK.AWS.S3;
using CdcDms.Contract.Lake;
using CdcDms.Infra.Environments;
using CdcDms.Infra.Functions;
using CdcDms.Infra.Lake;
using CdcDms.Infra.Naming;
using Constructs;

namespace CdcDms.Infra.Stacks;

/// <summary>The key, the bucket and, when wanted, the catalogue of its files and the workgroup to query them, with queries.</summary>
public sealed class LakeStack : EnvironmentStack
{
    /// <summary>Makes the stack.</summary>
    public LakeStack(Construct scope, DeploymentEnvironment environment, FunctionBundle bundle)
        : base(scope, StackNames.Lake(environment), environment, "CdcDms: the Parquet files on S3")
    {
        Key = environment.Lake.KmsKeyArn is { } key
            ? Amazon.CDK.AWS.KMS.Key.FromKeyArn(this, "Key", key)
            : new LakeKey(this, "Key", new LakeKeyProps { EnvironmentName = environment.Name, Removal = DataRemoval });
        Bucket = environment.Lake.BucketName is { } name
            ? Amazon.CDK.AWS.S3.Bucket.FromBucketName(this, "Bucket", name)
            : new LakeBucket(this, "Bucket", new LakeBucketProps { Settings = environment.Lake, Key = Key, Removal = DataRemoval });
        if (!environment.KeepData && Bucket is LakeBucket)
            _ = new BucketEmptying(this, "Emptying", new BucketEmptyingProps { Bucket = Bucket, Bundle = bundle });
        if (environment.Lake.Catalogue)
            MakeQueryable(environment);

        Offer(Key.KeyArn, Bucket.BucketName, Bucket.BucketArn);
        _ = new CfnOutput(this, "Lake", new CfnOutputProps
        {
            Description = "The lake, as the command line takes it",
            Value = $"s3://{Bucket.BucketName}/{environment.Lake.Prefix}",
        });
    }

    /// <summary>Encrypts the lake and DMS's own storage.</summary>
    public IKey Key { get; }

    /// <summary>Holds the change files.</summary>
    public IBucket Bucket { get; }

    private void MakeQueryable(DeploymentEnvironment environment)
    {
        var content = new CatalogueContent(environment.Tables);
        var database = LakeNames.Database(environment);
        _ = new LakeCatalogue(this, "Catalogue", new LakeCatalogueProps
        {
            DatabaseName = database,
            Content = content,
            Lake = new LakeUri(Bucket.BucketName, environment.Lake.Prefix),
            Generation = environment.Replication.Generation,
            RetentionDays = environment.Lake.RetentionDays,
        });
        _ = new LakeQueries(this, "Queries", new LakeQueriesProps
        {
            WorkGroup = new LakeWorkGroup(this, "WorkGroup", new LakeWorkGroupProps
            {
                Name = LakeNames.WorkGroup(environment),
                Bucket = Bucket,
                Key = Key,
            }),
            Content = content,
            DatabaseName = database,
        });
    }
}
