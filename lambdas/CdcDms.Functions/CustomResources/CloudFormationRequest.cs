using System.Text.Json;
using System.Text.Json.Serialization;

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
}
