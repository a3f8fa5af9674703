using System.Text.Json.Nodes;
using CdcDms.Infra.Templates;
using CdcDms.Infra.Tests.Environments;
using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Stacks;

/// <summary>An environment of an organization with rules: its tags, its boundary, its path, its bucket and its key.</summary>
public class GovernanceTests
{
    private const string Boundary = "arn:aws:iam::444455556666:policy/boundaries/data";
    private const string KeyArn = "arn:aws:kms:eu-central-1:444455556666:key/99999999-2222-3333-4444-555555555555";
    private const string LogKeyArn = "arn:aws:kms:eu-central-1:444455556666:key/11111111-2222-3333-4444-555555555555";
    private static readonly string[] Untaggable =
        ["AWS::IAM::Policy", "AWS::Lambda::Permission", "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"];

    private static readonly Lazy<SynthesizedEnvironment> Governed = new(() => SynthesizedEnvironment.Of(Json));

    private static EnvironmentJson Json => new EnvironmentJson("prod")
        .With("governance.tags", """{"CostCenter":"4711","Project":"Lake"}""")
        .With("governance.permissionsBoundaryArn", Boundary)
        .With("governance.rolePath", "/data/")
        .With("governance.logKmsKeyArn", LogKeyArn)
        .With("lake.bucketName", "our-lake")
        .With("lake.kmsKeyArn", KeyArn);

    [Fact]
    public void Every_role_is_bounded_and_in_its_path()
    {
        var roles = Governed.Value.AllResources().Where(resource => resource.Type == "AWS::IAM::Role").ToList();

        Assert.True(roles.Count > 10, $"{roles.Count} roles");
        Assert.All(roles, role => Assert.Equal((Boundary, "/data/"), (role.Text("PermissionsBoundary"), role.Text("Path"))));
    }

    [Fact]
    public void Every_resource_that_takes_tags_in_every_stack_has_them()
    {
        var tagged = Governed.Value.AllResources().Where(resource => resource["Tags"] is not null).ToList();

        Assert.All(tagged, resource => Assert.Contains("4711", resource.Text("Tags"), StringComparison.Ordinal));
        Assert.All(tagged, resource => Assert.DoesNotContain("CdcDms\"", resource.Text("Tags"), StringComparison.Ordinal));
        Assert.Subset(
            tagged.Select(resource => resource.Type).ToHashSet(),
            new HashSet<string> { "AWS::DMS::ReplicationInstance", "AWS::DMS::ReplicationTask", "AWS::IAM::Role" });
        Assert.DoesNotContain(tagged, resource => Untaggable.Contains(resource.Type));
    }

    [Fact]
    public void Every_log_and_every_functions_variables_are_encrypted_by_the_given_key_and_no_function_lacks_it()
    {
        var resources = Governed.Value.AllResources().ToList();
        var logs = resources.Where(resource => resource.Type == "AWS::Logs::LogGroup").ToList();
        var functions = resources.Where(resource => resource.Type == "AWS::Lambda::Function").ToList();

        Assert.True(logs.Count > functions.Count, $"{logs.Count} logs");
        Assert.All(logs, log => Assert.Equal(LogKeyArn, log.Text("KmsKeyId")));
        Assert.All(functions, function => Assert.Equal(LogKeyArn, function.Text("KmsKeyArn")));
        Assert.All(functions, function => Assert.Contains(
            resources.Where(policy => policy.Type == "AWS::IAM::Policy"),
            policy => policy.Text("Roles").Contains($"\"{function["Role"]!["Fn::GetAtt"]![0]}\"", StringComparison.Ordinal)
                && policy["PolicyDocument"]!["Statement"]!.AsArray().Any(MayDecryptLogs)));
    }

    [Fact]
    public void A_given_bucket_and_key_are_used_and_none_is_made_for_the_lake()
    {
        var lake = Governed.Value.Stack("lake");
        var endpoint = Governed.Value.Stack("replication").One("AWS::DMS::Endpoint", "LakeEndpoint")["S3Settings"]!;

        Assert.DoesNotContain(lake.All, resource => resource.Type is "AWS::S3::Bucket" or "AWS::KMS::Key" or "AWS::S3::BucketPolicy");
        Assert.Equal("our-lake", endpoint["BucketName"]!.GetValue<string>());
        Assert.Equal(KeyArn, endpoint["ServerSideEncryptionKmsKeyId"]!.GetValue<string>());
    }

    [Fact]
    public void A_given_bucket_is_never_emptied() =>
        Assert.Empty(SynthesizedEnvironment.Of(Json.With("keepData", false)).Stack("lake").OfType("Custom::CdcDmsEmptyBucket"));

    [Fact]
    public void The_roles_of_the_account_are_bounded_and_stay_where_DMS_looks_for_them() =>
        Assert.All(
            new TemplateResources(SynthesizedEnvironment.AccountOf(Json)).OfType("AWS::IAM::Role"),
            role => Assert.Equal((Boundary, ""), (role.Text("PermissionsBoundary"), role.Text("Path"))));

    private static bool MayDecryptLogs(JsonNode? statement) =>
        statement!["Action"]!.ToJsonString() == "\"kms:Decrypt\""
        && statement["Resource"]!.ToJsonString().Contains(LogKeyArn, StringComparison.Ordinal);
}
