using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Stacks;

public class LakeTests
{
    [Fact]
    public void The_bucket_is_encrypted_private_and_without_versions()
    {
        var bucket = SynthesizedEnvironment.Of("prod").Stack("lake").One("AWS::S3::Bucket");

        Assert.Contains("aws:kms", bucket.Text("BucketEncryption"), StringComparison.Ordinal);
        Assert.Equal(4, bucket["PublicAccessBlockConfiguration"]!.AsObject().Count(flag => flag.Value!.GetValue<bool>()));
        Assert.Null(bucket["VersioningConfiguration"]);
        Assert.Contains("INTELLIGENT_TIERING", bucket.Text("LifecycleConfiguration"), StringComparison.Ordinal);
        Assert.Contains("2555", bucket.Text("LifecycleConfiguration"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("prod", "Retain")]
    [InlineData("dev", "Delete")]
    public void Data_outlives_its_stack_where_the_environment_says_so(string name, string policy) =>
        Assert.All(
            SynthesizedEnvironment.Of(name).Stack("lake").All.Where(resource => resource.Type is "AWS::S3::Bucket" or "AWS::KMS::Key"),
            resource => Assert.Equal(policy, resource.Json["DeletionPolicy"]!.GetValue<string>()));

    [Fact]
    public void A_table_whose_definition_names_its_key_has_saved_queries_in_the_workgroup()
    {
        var lake = SynthesizedEnvironment.Of("prod").Stack("lake");

        var queries = lake.OfType("AWS::Athena::NamedQuery").ToList();
        Assert.Equal(
            ["public.order_items status", "public.order_items view"], queries.Select(query => query["Name"]!.GetValue<string>()).Order());
        Assert.All(queries, query => Assert.Equal("cdcdms-prod", query["WorkGroup"]!.GetValue<string>()));
    }

    [Fact]
    public void Only_a_catalogued_lake_has_a_workgroup()
    {
        Assert.Single(SynthesizedEnvironment.Of("prod").Stack("lake").OfType("AWS::Athena::WorkGroup"));
        Assert.Empty(SynthesizedEnvironment.Of("dev").Stack("lake").OfType("AWS::Athena::WorkGroup"));
    }
}
