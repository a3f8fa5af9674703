using CdcDms.Infra.Tests.Environments;
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
    public void A_table_whose_definition_names_its_key_has_saved_queries_in_the_workgroup()
    {
        var lake = SynthesizedEnvironment.Of("prod").Stack("lake");

        var queries = lake.OfType("AWS::Athena::NamedQuery").ToList();
        Assert.Equal(
            ((string[])["customers", "order_items", "orders", "products"])
                .SelectMany(table => new[] { $"public.{table} status", $"public.{table} view" }),
            queries.Select(query => query["Name"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        Assert.All(queries, query => Assert.Equal("cdcdms-prod", query["WorkGroup"]!.GetValue<string>()));
    }

    [Fact]
    public void Tables_without_a_key_in_their_definition_are_told_at_synthesis()
    {
        const string told =
            "The lake gets no saved queries for public.customers, public.orders, since the definitions name no \\\"key\\\", by which";
        var partly = new EnvironmentJson("prod").With("tables.0.key", null).With("tables.2.key", null);

        Assert.Contains(told, SynthesizedEnvironment.Of(partly).Manifest, StringComparison.Ordinal);
        Assert.DoesNotContain("saved queries", SynthesizedEnvironment.Of("prod").Manifest, StringComparison.Ordinal);
        // Without a catalogue nothing could be asked.
        partly.With("lake.catalogue", false);
        Assert.DoesNotContain("saved queries", SynthesizedEnvironment.Of(partly).Manifest, StringComparison.Ordinal);
    }

    [Fact]
    public void A_query_s_name_is_no_longer_than_athena_takes_and_tells_tables_apart()
    {
        var (schema, name) = (new string('s', 63), new string('t', 62));
        var environment = new EnvironmentJson("prod");
        foreach (var end in (string[])["a", "b"])
            environment.WithTable($$"""{"schema":"{{schema}}","name":"{{name}}{{end}}","target":"analytics.{{end}}","key":["id"]}""");

        var names = SynthesizedEnvironment.Of(environment).Stack("lake").OfType("AWS::Athena::NamedQuery")
            .Select(query => query["Name"]!.GetValue<string>()).ToList();

        Assert.All(names, query => Assert.InRange(query.Length, 1, 128));
        Assert.Equal(12, names.Distinct().Count());
        Assert.Equal(6, names.Count(query => query.EndsWith(" view", StringComparison.Ordinal)));
    }

    [Fact]
    public void Only_a_catalogued_lake_has_a_workgroup()
    {
        Assert.Single(SynthesizedEnvironment.Of("prod").Stack("lake").OfType("AWS::Athena::WorkGroup"));
        Assert.Empty(SynthesizedEnvironment.Of("dev").Stack("lake").OfType("AWS::Athena::WorkGroup"));
    }
}
