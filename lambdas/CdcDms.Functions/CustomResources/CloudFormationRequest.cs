using System.Text.Json;
using System.Text.Json.Serialization;
using CdcDms.Contract;

namespace CdcDms.Functions.CustomResources;

/// <summary>What CloudFormation wants of a custom resource.</summary>
internal enum RequestType
{
    Create,
    Update,
    Delete,
}

/// <summary>CloudFormation's request to a custom resource (AWS: Custom resource request fields).</summary>
internal sealed record CloudFormationRequest
{
    public required RequestType RequestType { get; init; }

    /// <summary>A pre-signed S3 URL; until an answer is put there, the stack waits.</summary>
    [JsonPropertyName("ResponseURL")]
    public required string ResponseUrl { get; init; }

    public required string StackId { get; init; }

    public required string RequestId { get; init; }

    public required string LogicalResourceId { get; init; }

    /// <summary>The id that the resource gave itself when it was created; null in a request to create it.</summary>
    public string? PhysicalResourceId { get; init; }

    public JsonElement? ResourceProperties { get; init; }

    public JsonElement? OldResourceProperties { get; init; }

    /// <summary>Whether a function's input comes from CloudFormation and not, for instance, from a schedule.</summary>
    /// <exception cref="CdcDmsException">The input is not JSON.</exception>
    public static bool Is(ReadOnlyMemory<byte> input, string function)
    {
        try
        {
            using var json = JsonDocument.Parse(input);
            return json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty(nameof(RequestType), out _);
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
