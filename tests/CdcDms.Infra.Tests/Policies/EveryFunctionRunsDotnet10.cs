using CdcDms.Infra.Tests.Synthesis;

namespace CdcDms.Infra.Tests.Policies;

/// <summary>No function is in another language, which also finds those that CDK constructs bring along.</summary>
internal sealed class EveryFunctionRunsDotnet10 : IPolicy
{
    public IEnumerable<string> Violations(Resource resource)
    {
        if (resource.Type == "AWS::Lambda::Function" && resource.Text("Runtime") != "dotnet10")
            yield return $"runs {resource.Text("Runtime")} and not dotnet10";
    }
}
