using System.Text.Json.Nodes;
using CdcDms.Infra.Policies;
using CdcDms.Infra.Templates;
using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Policies;

public class ResourcePolicyTests
{
    public static TheoryData<string> Environments => SynthesizedEnvironment.Names;

    [Theory]
    [MemberData(nameof(Environments))]
    public void Every_resource_of_every_environment_keeps_every_policy(string name) =>
        Assert.Empty(SynthesizedEnvironment.Of(name).Templates.SelectMany(template =>
            PolicyCheck.Violations(template.Key, template.Value)));

    [Theory]
    [MemberData(nameof(Environments))]
    public void Stacks_stay_far_below_five_hundred_resources(string name) =>
        Assert.All(
            SynthesizedEnvironment.Of(name).Templates.Values,
            template => Assert.InRange(new TemplateResources(template).All.Count, 1, 100));

    [Fact]
    public void What_holds_data_is_retained_in_prod()
    {
        string[] data = ["AWS::S3::Bucket", "AWS::RDS::DBInstance", "AWS::Logs::LogGroup"];
        var prod = SynthesizedEnvironment.Of("prod").AllResources().Where(resource => data.Contains(resource.Type)
            && !resource.Text("LogGroupName").StartsWith("dms-tasks-", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(prod);
        Assert.All(prod, resource => Assert.Equal("RetainExceptOnCreate", resource.Json["DeletionPolicy"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData(typeof(EveryFunctionRunsDotnet10), "AWS::Lambda::Function", """{"Runtime":"nodejs20.x"}""")]
    [InlineData(typeof(EveryFunctionRunsDotnet10), "AWS::Lambda::Function", """{"PackageType":"Image"}""")]
    [InlineData(
        typeof(NoWildcardActionOnWildcardResource),
        "AWS::IAM::Policy",
        """{"PolicyDocument":{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}}""")]
    [InlineData(
        typeof(NoWildcardActionOnWildcardResource),
        "AWS::IAM::Role",
        """
        {"Policies":[{"PolicyDocument":{"Statement":
          {"Effect":"Allow","Action":["dms:Describe*"],"Resource":["arn:aws:s3:::x","*"]}}}]}
        """)]
    [InlineData(
        typeof(NoWildcardActionOnWildcardResource),
        "AWS::IAM::Policy",
        """{"PolicyDocument":{"Statement":[{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}]}}""")]
    [InlineData(
        typeof(NoWildcardActionOnWildcardResource),
        "AWS::IAM::Role",
        """{"ManagedPolicyArns":["arn:aws:iam::aws:policy/AdministratorAccess"]}""")]
    [InlineData(
        typeof(NothingIsPublic),
        "AWS::EC2::SecurityGroup",
        """{"SecurityGroupIngress":[{"CidrIp":"0.0.0.0/0","IpProtocol":"tcp"}]}""")]
    [InlineData(typeof(NothingIsPublic), "AWS::EC2::SecurityGroupIngress", """{"CidrIpv6":"::/0"}""")]
    [InlineData(typeof(NothingIsPublic), "AWS::DMS::ReplicationInstance", """{}""")]
    [InlineData(typeof(NothingIsPublic), "AWS::RDS::DBInstance", """{"PubliclyAccessible":true}""")]
    [InlineData(
        typeof(NothingIsPublic),
        "AWS::S3::Bucket",
        """
        {"PublicAccessBlockConfiguration":
          {"BlockPublicAcls":true,"BlockPublicPolicy":false,"IgnorePublicAcls":true,"RestrictPublicBuckets":true}}
        """)]
    [InlineData(typeof(NothingIsPublic), "AWS::EC2::Subnet", """{"MapPublicIpOnLaunch":true}""")]
    [InlineData(typeof(NothingIsPublic), "AWS::EC2::InternetGateway", """{}""")]
    [InlineData(typeof(NothingIsPublic), "AWS::Lambda::Url", """{"AuthType":"NONE"}""")]
    [InlineData(typeof(EverythingAtRestIsEncrypted), "AWS::Kinesis::Stream", """{"ShardCount":1}""")]
    [InlineData(typeof(EverythingAtRestIsEncrypted), "AWS::S3::Bucket", """{}""")]
    [InlineData(typeof(EverythingAtRestIsEncrypted), "AWS::RDS::DBInstance", """{"StorageEncrypted":false}""")]
    [InlineData(typeof(EverythingAtRestIsEncrypted), "AWS::SNS::Topic", """{}""")]
    [InlineData(typeof(EverythingAtRestIsEncrypted), "AWS::SQS::Queue", """{}""")]
    [InlineData(typeof(EverythingAtRestIsEncrypted), "AWS::DMS::ReplicationInstance", """{}""")]
    [InlineData(typeof(EverythingAtRestIsEncrypted), "AWS::DMS::ReplicationConfig", """{"ComputeConfig":{}}""")]
    [InlineData(typeof(EverythingAtRestIsEncrypted), "AWS::DMS::Endpoint", """{"S3Settings":{"EncryptionMode":"sse-s3"}}""")]
    [InlineData(typeof(EverythingAtRestIsEncrypted), "AWS::KMS::Key", """{}""")]
    [InlineData(typeof(TlsIsRequired), "AWS::DMS::Endpoint", """{"EngineName":"postgres","SslMode":"require"}""")]
    [InlineData(typeof(TlsIsRequired), "AWS::RDS::DBParameterGroup", """{"Parameters":{}}""")]
    [InlineData(typeof(LogsExpire), "AWS::Logs::LogGroup", """{}""")]
    [InlineData(typeof(LogsExpire), "AWS::Lambda::Function", """{}""")]
    [InlineData(typeof(LogsExpire), "AWS::DMS::ReplicationInstance", """{"ReplicationInstanceIdentifier":"one-g1"}""")]
    [InlineData(typeof(LogsExpire), "AWS::DMS::ReplicationConfig", """{"ResourceIdentifier":"one-g1"}""")]
    [InlineData(
        typeof(ServicesActForThisAccount),
        "AWS::IAM::Role",
        """
        {"AssumeRolePolicyDocument":{"Statement":[
          {"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"dms.amazonaws.com"}}]}}
        """)]
    [InlineData(
        typeof(ServicesActForThisAccount),
        "AWS::SQS::QueuePolicy",
        """
        {"PolicyDocument":{"Statement":{"Effect":"Allow","Action":"sqs:SendMessage","Principal":{"Service":["events.amazonaws.com"]},
          "Condition":{"Bool":{"aws:SecureTransport":"true"}}}}}
        """)]
    [InlineData(
        typeof(FederationNamesItsSubject),
        "AWS::IAM::Role",
        """
        {"AssumeRolePolicyDocument":{"Statement":[
          {"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Principal":{"Federated":"arn"},
           "Condition":{"StringEquals":{"issuer:aud":"a"},"StringLike":{"issuer:sub":"repo:octo-org/*"}}}]}}
        """)]
    [InlineData(typeof(NoPasswordInTemplates), "AWS::DMS::Endpoint", """{"Password":"secret"}""")]
    [InlineData(typeof(NoPasswordInTemplates), "AWS::RDS::DBInstance", """{"MasterUserPassword":"secret"}""")]
    public void Each_policy_finds_what_breaks_it(Type policy, string type, string properties)
    {
        var template = new TemplateResources(new JsonObject
        {
            ["Resources"] = new JsonObject
            {
                ["Broken"] = new JsonObject { ["Type"] = type, ["Properties"] = JsonNode.Parse(properties) },
            },
        });

        Assert.NotEmpty(((IPolicy)Activator.CreateInstance(policy)!).Violations(template.One(type), template));
    }

    [Fact]
    public void A_bucket_without_a_policy_of_its_own_is_found()
    {
        var template = new TemplateResources(JsonNode.Parse(
            """
            {"Resources":{
              "Open":{"Type":"AWS::S3::Bucket"},
              "Closed":{"Type":"AWS::S3::Bucket"},
              "Policy":{"Type":"AWS::S3::BucketPolicy","Properties":{"Bucket":{"Ref":"Closed"},"PolicyDocument":{"Statement":[
                {"Effect":"Deny","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}}}}}
            """)!.AsObject());

        Assert.Equal(
            ["Open"],
            template.All.Where(resource => new TlsIsRequired().Violations(resource, template).Any()).Select(resource => resource.Id));
    }
}
