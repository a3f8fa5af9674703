using System.Text.Json.Nodes;
using CdcDms.Infra.Templates;

namespace CdcDms.Infra.Policies;

/// <summary>Nothing can be reached from the internet.</summary>
internal sealed class NothingIsPublic : IPolicy
{
    private static readonly string[] Gateways =
        ["AWS::EC2::InternetGateway", "AWS::EC2::EIP", "AWS::Lambda::Url", "AWS::ElasticLoadBalancingV2::LoadBalancer"];

    private static readonly string[] Blocks = ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"];

    public IEnumerable<string> Violations(TemplateResource resource, TemplateResources template)
    {
        if (Gateways.Contains(resource.Type))
            yield return "is a way in from the internet: leave it out";
        if (resource.Type is "AWS::DMS::ReplicationInstance" or "AWS::RDS::DBInstance" && resource.Text("PubliclyAccessible") != "false")
            yield return "may be reached from the internet: set PubliclyAccessible to false";
        if (resource.Type == "AWS::EC2::Subnet" && resource.Text("MapPublicIpOnLaunch") == "true")
            yield return "gives public addresses: set MapPublicIpOnLaunch to false";
        var blocked = resource["PublicAccessBlockConfiguration"];
        if (resource.Type == "AWS::S3::Bucket" && Blocks.Any(block => blocked?[block]?.GetValue<bool>() != true))
            yield return "does not block all public access: set all four of PublicAccessBlockConfiguration";
        var rules = resource.Type switch
        {
            "AWS::EC2::SecurityGroup" => resource["SecurityGroupIngress"]?.AsArray().OfType<JsonNode>() ?? [],
            "AWS::EC2::SecurityGroupIngress" => [resource.Json["Properties"]!],
            _ => [],
        };
        foreach (var rule in rules)
            if (rule["CidrIp"]?.ToJsonString() == "\"0.0.0.0/0\"" || rule["CidrIpv6"]?.ToJsonString() == "\"::/0\"")
                yield return "lets the whole internet in: name an address range or a security group";
    }
}
