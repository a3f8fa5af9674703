using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CdcDms.Contract;
using CdcDms.Contract.Functions;

namespace CdcDms.Functions.CustomResources;

/// <summary>Reads the properties of a resource as CloudFormation hands them over.</summary>
internal static class ReceivedProperties
{
    private static readonly ContractJson OtherVersion = new(new JsonSerializerOptions(ContractJson.Default.Options)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
    });

    /// <summary>The properties of the deployment that goes on now.</summary>
    /// <exception cref="CdcDmsException">A property is unknown, missing or of a wrong value.</exception>
    public static LifecycleProperties Read(JsonElement? properties)
    {
        var ours = properties is { ValueKind: JsonValueKind.Object } given ? JsonObject.Create(given)! : [];

        // CloudFormation's own, which it leaves among ours.
        ours.Remove("ServiceToken");
        ours.Remove("ServiceTimeout");
        return FunctionInput.Parse(Encoding.UTF8.GetBytes(ours.ToJsonString()), ContractJson.Default.LifecycleProperties, FunctionNames.Lifecycle);
    }

    /// <summary>
    /// The properties of another deployment, which may come from another version of this code; null when they cannot be read.
    /// </summary>
    public static LifecycleProperties? TryRead(JsonElement? properties)
    {
        try
        {
            return properties?.Deserialize(OtherVersion.LifecycleProperties);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
