using System.Text.Json.Nodes;
using Amazon.CDK.CXAPI;
using CdcDms.Contract;
using CdcDms.Infra.Templates;

namespace CdcDms.Infra.Policies;

/// <summary>Holds what was synthesized against every policy, so that nobody deploys an environment or a change that breaks one.</summary>
internal static class PolicyCheck
{
    private static readonly IPolicy[] Policies =
    [
        new EveryFunctionRunsDotnet10(),
        new NoWildcardActionOnWildcardResource(),
        new NothingIsPublic(),
        new EverythingAtRestIsEncrypted(),
        new TlsIsRequired(),
        new LogsExpire(),
        new NoPasswordInTemplates(),
        new ServicesActForThisAccount(),
        new FederationNamesItsSubject(),
    ];

    /// <summary>Reads the templates of an app that has just been synthesized: a construct cannot be asked for its properties.</summary>
    /// <param name="assembly">What the app has written.</param>
    /// <exception cref="CdcDmsException">Some resource breaks a policy: one sentence for each.</exception>
    public static void Require(CloudAssembly assembly)
    {
        var violations = assembly.StacksRecursively
            .SelectMany(stack => Violations(stack.StackName, JsonNode.Parse(File.ReadAllText(stack.TemplateFullPath))!.AsObject()))
            .ToList();
        if (violations.Count > 0)
            throw new CdcDmsException(ErrorKind.BadDefinition, string.Join('\n', violations));
    }

    /// <summary>What breaks a policy in a template: one sentence for each.</summary>
    public static IEnumerable<string> Violations(string stackName, JsonObject template)
    {
        var resources = new TemplateResources(template);
        return
            from resource in resources.All
            from policy in Policies
            from violation in policy.Violations(resource, resources)
            select $"{stackName}: {resource.Type} {resource.ConstructPath ?? resource.Id} {violation}.";
    }
}
