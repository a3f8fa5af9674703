using System.Text.Json.Nodes;

namespace CdcDms.Infra.Templates;

/// <summary>One resource of a template.</summary>
internal sealed record TemplateResource(string Id, JsonObject Json)
{
    public string Type => Json[nameof(Type)]!.GetValue<string>();

    public JsonNode? this[string property] => Json["Properties"]?[property];

    /// <summary>Its path in the tree of constructs, where the CDK CLI had the template say so.</summary>
    public string? ConstructPath => Json["Metadata"]?["aws:cdk:path"]?.GetValue<string>();

    /// <summary>A property as text, whatever it is.</summary>
    public string Text(string property) => this[property]?.ToJsonString().Trim('"') ?? "";

    public override string ToString() => $"{Type} {Id}";
}
