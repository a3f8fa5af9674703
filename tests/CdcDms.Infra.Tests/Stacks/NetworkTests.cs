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
    public void A_group_shared_by_both_databases_gets_each_rule_once()
    {
        var shared = new Environments.EnvironmentJson("prod").With("analytics.securityGroupId", "sg-0a1b2c3d4e5f60711");
        var rules = SynthesizedEnvironment.Of(shared).Stack("network").OfType("AWS::EC2::SecurityGroupIngress")
            .Where(rule => rule.Text("GroupId") == "sg-0a1b2c3d4e5f60711")
            .Select(rule => rule.Text("SourceSecurityGroupId"));

        Assert.Distinct(rules);
        Assert.Equal(2, rules.Count());
    }
}
