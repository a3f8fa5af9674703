using CdcDms.Infra.Templates;

namespace CdcDms.Infra.Policies;

/// <summary>One rule that every resource of every stack keeps.</summary>
internal interface IPolicy
{
    /// <summary>What is wrong with a resource and what to change, as the end of a sentence about it; nothing when all is well.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="template">Where it stands: some rules ask for a resource beside it.</param>
    IEnumerable<string> Violations(TemplateResource resource, TemplateResources template);
}
