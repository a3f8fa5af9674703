using System.Text.Json;
using CdcDms.Contract;

namespace CdcDms.Functions.CustomResources;

/// <summary>Reads a function's input as a request of CloudFormation.</summary>
internal static class CloudFormationInput
{
    /// <summary>Whether a function's input comes from CloudFormation and not, for instance, from a schedule.</summary>
    /// <exception cref="CdcDmsException">The input is not JSON.</exception>
    public static bool IsRequest(ReadOnlyMemory<byte> input, string function)
    {
        try
        {
            using var json = JsonDocument.Parse(input);
            return json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty(nameof(CloudFormationRequest.RequestType), out _);
        }
        catch (JsonException fault)
        {
            throw new CdcDmsException(ErrorKind.BadDefinition, $"The input of {function} is not JSON: {fault.Message}", fault);
        }
    }

    /// <summary>Reads a function's input.</summary>
    /// <exception cref="CdcDmsException">The input is not a request of CloudFormation, so there is no address to answer to.</exception>
    public static CloudFormationRequest Parse(ReadOnlyMemory<byte> input, string function)
    {
        try
        {
            return JsonSerializer.Deserialize(input.Span, CloudFormationJson.Default.CloudFormationRequest)
                ?? throw new JsonException("it is null.");
        }
        catch (JsonException fault)
        {
            throw new CdcDmsException(
                ErrorKind.BadDefinition, $"The input of {function} is not a request of CloudFormation: {fault.Message}", fault);
        }
    }
}
