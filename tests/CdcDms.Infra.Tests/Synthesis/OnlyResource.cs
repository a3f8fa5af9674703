using CdcDms.Infra.Templates;

namespace CdcDms.Infra.Tests.Synthesis;

/// <summary>Finds what a template must have exactly once.</summary>
internal static class OnlyResource
{
    public static TemplateResource One(this TemplateResources template, string type) => Assert.Single(template.OfType(type));

    public static TemplateResource One(this TemplateResources template, string type, string id) =>
        Assert.Single(template.OfType(type), resource => resource.Id == id);
}
