using System.Text.Json.Nodes;
using CdcDms.Infra.Templates;

namespace CdcDms.Infra.Policies;

/// <summary>
/// No identity may do anything to everything. Only the policies that DMS and Lambda's network interfaces need are taken from AWS.
/// Key policies are not identity policies: their resource is the key itself, always written as a star.
/// </summary>
internal sealed class NoWildcardActionOnWildcardResource : IPolicy
{
    private static readonly string[] KnownManagedPolicies =
        ["AmazonDMSVPCManagementRole", "AmazonDMSCloudWatchLogsRole", "AWSLambdaENIManagementAccess"];

    public IEnumerable<string> Violations(TemplateResource resource, TemplateResources template)
    {
        if (!resource.Type.StartsWith("AWS::IAM::", StringComparison.Ordinal))
            yield break;
        foreach (var managed in resource["ManagedPolicyArns"]?.AsArray().Select(arn => arn!.ToJsonString()) ?? [])
            if (!KnownManagedPolicies.Any(known => managed.Contains($"/{known}\"", StringComparison.Ordinal)))
                yield return $"has the managed policy {managed}: write a policy of what it needs, and name its resources";
        var documents = (resource["Policies"]?.AsArray() ?? [])
            .Select(policy => policy!["PolicyDocument"])
            .Append(resource["PolicyDocument"]);
        foreach (var statement in documents.OfType<JsonNode>().SelectMany(document => OneOrMany.Of(document["Statement"])))
        {
            if (statement["Effect"]!.GetValue<string>() != "Allow")
                continue;
            if (statement["NotAction"] is not null || statement["NotResource"] is not null)
                yield return "allows everything but something (NotAction or NotResource): name what it allows";
            else if (Texts(statement["Resource"]).Contains("*") && Texts(statement["Action"]).Any(IsWildcard))
                yield return $"allows {statement["Action"]!.ToJsonString()} on any resource: name the actions, or the resources";
        }
    }

    private static bool IsWildcard(string action) => action.Contains('*', StringComparison.Ordinal);

    private static IEnumerable<string> Texts(JsonNode? node) =>
        OneOrMany.Of(node).OfType<JsonValue>().Select(value => value.GetValue<string>());
}
