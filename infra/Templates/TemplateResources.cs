using System.Text.Json.Nodes;

namespace CdcDms.Infra.Templates;

/// <summary>The resources of one template.</summary>
internal sealed class TemplateResources(JsonObject template)
{
    public JsonObject Template => template;

    public IReadOnlyList<TemplateResource> All { get; } =
        [.. template["Resources"]?.AsObject().Select(resource => new TemplateResource(resource.Key, resource.Value!.AsObject())) ?? []];

    public IReadOnlyList<TemplateResource> OfType(string type) => [.. All.Where(resource => resource.Type == type)];
}
