using System.Text.Json.Nodes;
using CdcDms.Infra.Templates;

namespace CdcDms.Infra.Policies;

/// <summary>
/// What another identity provider vouches for is let in by its whole name: a provider such as GitHub's vouches for everybody's workflows.
/// </summary>
internal sealed class FederationNamesItsSubject : IPolicy
{
    public IEnumerable<string> Violations(TemplateResource resource, TemplateResources template) =>
        from statement in OneOrMany.Of(resource["AssumeRolePolicyDocument"]?["Statement"])
        where statement["Principal"] is JsonObject principal && principal.ContainsKey("Federated")
        from claim in new[] { "aud", "sub" }
        where !IsNamed(statement["Condition"]?["StringEquals"] as JsonObject, claim)
        select $"trusts whatever {claim} the identity provider vouches for: add a condition StringEquals on it";

    private static bool IsNamed(JsonObject? equal, string claim) =>
        equal?.Any(condition => condition.Key.EndsWith($":{claim}", StringComparison.Ordinal)) == true;
}
