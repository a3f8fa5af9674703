using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using CdcDms.Contract;

namespace CdcDms.Functions.CustomResources;

/// <summary>Reads the properties of a custom resource as CloudFormation hands them over.</summary>
internal static class ResourceProperties
{
    /// <summary>The properties of the deployment that goes on now.</summary>
    /// <param name="type">The properties' JSON form.</param>
    /// <param name="function">The function's name, for its messages.</param>
    /// <exception cref="CdcDmsException">A property is unknown, missing or of a wrong value.</exception>
    public static T Read<T>(JsonElement? properties, JsonTypeInfo<T> type, string function)
    {
        var ours = properties is { ValueKind: JsonValueKind.Object } given ? JsonObject.Create(given)! : [];

        // CloudFormation's own, which it leaves among ours.
        ours.Remove("ServiceToken");
        ours.Remove("ServiceTimeout");
        return FunctionInput.Parse(Encoding.UTF8.GetBytes(ours.ToJsonString()), type, function);
    }

    /// <summary>
    /// The properties of another deployment, which may come from another version of this code; null when they cannot be read.
    /// </summary>
    /// <param name="type">The properties' JSON form; it has to skip properties that it does not know.</param>
    public static T? TryRead<T>(JsonElement? properties, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return properties?.Deserialize(type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
