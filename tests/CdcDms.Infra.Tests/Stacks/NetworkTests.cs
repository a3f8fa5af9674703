using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Stacks;

public class NetworkTests
{
    [Fact]
    public void A_network_of_our_own_has_no_way_to_the_internet()
    {
        var network = SynthesizedEnvironment.Of("dev").Stack("network");

        Assert.Empty(network.OfType("AWS::EC2::InternetGateway"));
        Assert.Empty(network.OfType("AWS::EC2::NatGateway"));
        Assert.Equal(
            ["Gateway", "Interface"],
            network.OfType("AWS::EC2::VPCEndpoint").Select(endpoint => endpoint.Text("VpcEndpointType")).Order());
    }

    [Fact]
    public void A_given_network_gets_security_groups_and_rules_only() =>
        Assert.All(
            SynthesizedEnvironment.Of("prod").Stack("network").All,
            resource => Assert.StartsWith("AWS::EC2::SecurityGroup", resource.Type, StringComparison.Ordinal));

    [Fact]
    public void Nothing_leaves_a_network_of_our_own_for_a_bucket_of_another_account()
    {
        var gateway = SynthesizedEnvironment.Of("dev").Stack("network").OfType("AWS::EC2::VPCEndpoint")
            .Single(endpoint => endpoint.Text("VpcEndpointType") == "Gateway");
        var statements = gateway["PolicyDocument"]!["Statement"]!.AsArray();

        Assert.All(statements, statement => Assert.True(
            statement!["Condition"]?["StringEquals"]?["aws:ResourceAccount"] is not null
                || statement["Resource"]!.ToJsonString().Contains("cloudformation-custom-resource-response-", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(SynthesizedEnvironment.Names), MemberType = typeof(SynthesizedEnvironment))]
    public void Every_group_that_is_made_is_used(string name)
    {
        var environment = SynthesizedEnvironment.Of(name);
        var others = string.Concat(environment.AllResources()
            .Where(resource => !resource.Type.StartsWith("AWS::EC2::SecurityGroup", StringComparison.Ordinal))
            .Select(resource => resource.Json.ToJsonString()));

        Assert.All(
            environment.Stack("network").OfType("AWS::EC2::SecurityGroup"),
            group => Assert.Contains($"{group.Id}", others.Replace("GroupId", "", StringComparison.Ordinal), StringComparison.Ordinal));
    }

    [Fact]
    public void What_merges_does_not_reach_the_source()
    {
        var network = SynthesizedEnvironment.Of("prod").Stack("network");
        var rules = network.OfType("AWS::EC2::SecurityGroupEgress")
            .Where(rule => rule.Id.StartsWith("SecurityGroupsMergers", StringComparison.Ordinal)).ToList();

        Assert.Equal(["AWS services", "Analytics database"], rules.Select(rule => rule.Text("Description")).Order());
        Assert.DoesNotContain(
            network.OfType("AWS::EC2::SecurityGroupIngress"),
            rule => rule.Text("Description") == "Source database"
                && rule.Text("SourceSecurityGroupId").Contains("Mergers", StringComparison.Ordinal));
    }

    [Fact]
    public void The_group_of_a_given_endpoint_lets_in_what_connects_from_here()
    {
        var network = SynthesizedEnvironment.Of(new Environments.EnvironmentJson("prod")
            .With("network.existing.secretsManagerEndpointSecurityGroupId", "sg-0a1b2c3d4e5f60799")).Stack("network");

        Assert.Equal(
            3, network.OfType("AWS::EC2::SecurityGroupIngress").Count(rule => rule.Text("GroupId") == "sg-0a1b2c3d4e5f60799"));
    }

    [Fact]
    public void With_the_prefix_list_of_S3_nothing_leaves_for_anywhere()
    {
        var network = SynthesizedEnvironment.Of(new Environments.EnvironmentJson("prod")
            .With("network.existing.s3PrefixListId", "pl-0a1b2c3d")).Stack("network");

        Assert.DoesNotContain(network.All, resource => resource.Json.ToJsonString().Contains("0.0.0.0/0", StringComparison.Ordinal));
        Assert.Equal(
            3, network.OfType("AWS::EC2::SecurityGroupEgress").Count(rule => rule["DestinationPrefixListId"] is not null));
    }

    [Fact]
    public void A_group_shared_by_both_databases_gets_each_rule_once()
    {
        var shared = new Environments.EnvironmentJson("prod").With("analytics.securityGroupId", "sg-0a1b2c3d4e5f60711");
        var rules = SynthesizedEnvironment.Of(shared).Stack("network").OfType("AWS::EC2::SecurityGroupIngress")
            .Where(rule => rule.Text("GroupId") == "sg-0a1b2c3d4e5f60711")
            .Select(rule => rule.Text("SourceSecurityGroupId"));

        Assert.Distinct(rules);
        Assert.Equal(3, rules.Count());
    }
}
