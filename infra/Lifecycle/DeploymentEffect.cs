using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Infra.Naming;

namespace CdcDms.Infra.Lifecycle;

/// <summary>
/// What a deployment would do to the running replication, as its custom resource would decide: told of two templates of the replication's
/// stack, before anybody deploys.
/// </summary>
public static class DeploymentEffect
{
    private static readonly ContractJson AnyVersion = new(new JsonSerializerOptions(ContractJson.Default.Options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
    });

    /// <summary>A sentence; null when the replication runs on, or the template has none.</summary>
    /// <param name="from">The template of the deployment before, as JSON.</param>
    /// <param name="to">The template of this one.</param>
    /// <exception cref="CdcDmsException">A text is no template, or one of a version that told less.</exception>
    public static string? Of(string from, string to) => (Before(from), Before(to)) switch
    {
        (_, null) or (null, _) => null,
        ({ } old, { } wanted) when Replacement.Refusal(old, wanted) is { } refusal => $"Would be refused: {refusal}",
        ({ } old, { } wanted) when (old.Kind, old.Identifier) != (wanted.Kind, wanted.Identifier) =>
            $"The replication {old.Identifier} is stopped for good, and {wanted.Identifier} loads every table again.",
        ({ } old, { } wanted) when old.Fingerprint != wanted.Fingerprint =>
            $"The replication {old.Identifier} is stopped while this is deployed, and resumed where it stopped.",
        _ => null,
    };

    private static LifecycleProperties? Before(string template)
    {
        try
        {
            if (JsonNode.Parse(template)?["Resources"]?[PinnedIds.Before]?["Properties"] is not JsonObject properties)
                return null;
            // What Lambda and CloudFormation alone read; and references, of which only the text counts.
            var known = properties.Where(property => char.IsLower(property.Key[0]))
                .Select(property => KeyValuePair.Create(property.Key, Resolved(property.Value)));
            return new JsonObject(known).Deserialize(AnyVersion.LifecycleProperties);
        }
        catch (JsonException fault)
        {
            throw new CdcDmsException(
                ErrorKind.BadDefinition, $"What deploying does to the replication cannot be told of this template: {fault.Message}", fault);
        }
    }

    private static JsonNode? Resolved(JsonNode? value) =>
        value is JsonObject { Count: 1 } reference && (reference.ContainsKey("Ref") || reference.Single().Key.StartsWith("Fn::"))
            ? JsonValue.Create(reference.ToJsonString())
            : value?.DeepClone();
}
