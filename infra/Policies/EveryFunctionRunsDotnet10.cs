using CdcDms.Infra.Templates;

namespace CdcDms.Infra.Policies;

/// <summary>No function is in another language, which also finds those that CDK constructs bring along.</summary>
internal sealed class EveryFunctionRunsDotnet10 : IPolicy
{
    public IEnumerable<string> Violations(TemplateResource resource, TemplateResources template)
    {
        if (resource.Type == "AWS::Lambda::Function" && resource.Text("Runtime") != "dotnet10")
            yield return $"runs '{resource.Text("Runtime")}': set its Runtime to dotnet10, or leave out the construct that brings it along";
    }
}
