using System.Text.Json.Nodes;

namespace CdcDms.Infra.Tests.Synthesis;

/// <summary>One resource of a template.</summary>
internal sealed record Resource(string Id, JsonObject Json)
{
    public string Type => Json["Type"]!.GetValue<string>();

    public JsonNode? this[string property] => Json["Properties"]?[property];

    /// <summary>A property as text, whatever it is.</summary>
    public string Text(string property) => this[property]?.ToJsonString().Trim('"') ?? "";

    public override string ToString() => $"{Type} {Id}";
}

/// <summary>The resources of one template.</summary>
internal sealed class TemplateResources(JsonObject template)
{
    public JsonObject Template => template;

    public IReadOnlyList<Resource> All =>
        [.. template["Resources"]?.AsObject().Select(resource => new Resource(resource.Key, resource.Value!.AsObject())) ?? []];

    public IReadOnlyList<Resource> OfType(string type) => [.. All.Where(resource => resource.Type == type)];

    public Resource One(string type) => Assert.Single(OfType(type));

    public Resource One(string type, string id) => Assert.Single(OfType(type), resource => resource.Id == id);
}
