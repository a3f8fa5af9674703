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
    }

    [Theory]
    [InlineData("prod")]
    [InlineData("dev")]
    [InlineData("sandbox")]
    public void No_rule_of_the_bucket_deletes_change_files_which_the_merge_does_once_they_are_merged(string name)
    {
        var environment = SynthesizedEnvironment.Of(name);
        var rules = environment.Stack("lake").One("AWS::S3::Bucket")["LifecycleConfiguration"]!["Rules"]!.AsArray();

        Assert.Equal(
            [
                $"{environment.Environment.Lake.Prefix}/_cdcdms/answers/",
                $"{environment.Environment.Lake.Prefix}/_cdcdms/spark/",
                "query-results/",
            ],
            rules.Where(rule => rule!["ExpirationInDays"] is not null).Select(rule => rule!["Prefix"]!.GetValue<string>()));
        var merge = BatchTests.Definition(name, "batch-table")["States"]!["Merge"]!["Parameters"]!["Payload"]!;
        var markers = BatchTests.Definition(name, "batch")["States"]!["MergeMarkers"]!["Parameters"]!["Payload"]!;
        Assert.All([merge, markers], payload =>
            Assert.Equal(environment.Environment.Lake.RetentionDays, payload["retentionDays"]!.GetValue<int>()));
    }

    [Theory]
    [InlineData("prod", "RetainExceptOnCreate")]
    [InlineData("dev", "Delete")]
    public void Data_outlives_its_stack_where_the_environment_says_so(string name, string policy) =>
        Assert.All(
            SynthesizedEnvironment.Of(name).Stack("lake").All.Where(resource => resource.Type is "AWS::S3::Bucket" or "AWS::KMS::Key"),
            resource => Assert.Equal(policy, resource.Json["DeletionPolicy"]!.GetValue<string>()));

    [Theory]
    [InlineData("prod", 0)]
    [InlineData("dev", 1)]
    [InlineData("sandbox", 1)]
    public void A_bucket_that_is_not_kept_is_emptied_before_it_is_deleted_by_a_function_that_may_empty_no_other(string name, int expected)
    {
        var lake = SynthesizedEnvironment.Of(name).Stack("lake");

        var emptying = lake.OfType("Custom::CdcDmsEmptyBucket");
        Assert.Equal(expected, emptying.Count);
        foreach (var resource in emptying)
        {
            var bucket = $$"""{"Ref":"{{lake.One("AWS::S3::Bucket").Id}}"}""";
            Assert.Equal(bucket, resource["bucket"]!.ToJsonString());
            Assert.Contains($"\"CDCDMS_BUCKET\":{bucket}", lake.One("AWS::Lambda::Function").Text("Environment"), StringComparison.Ordinal);
            Assert.Contains(
                lake.OfType("AWS::IAM::Policy"),
                policy => policy.Text("PolicyDocument").Contains("s3:DeleteObject", StringComparison.Ordinal)
                    && resource.Json["DependsOn"]!.ToJsonString().Contains(policy.Id, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Only_a_catalogued_lake_has_a_workgroup()
    {
        Assert.Single(SynthesizedEnvironment.Of("prod").Stack("lake").OfType("AWS::Athena::WorkGroup"));
        Assert.Empty(SynthesizedEnvironment.Of("dev").Stack("lake").OfType("AWS::Athena::WorkGroup"));
    }
}
