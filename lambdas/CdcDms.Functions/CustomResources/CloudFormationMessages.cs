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
internal sealed record CloudFormationEvent
{
    public required RequestType RequestType { get; init; }

    /// <summary>A pre-signed S3 URL; until an answer is put there, the stack waits.</summary>
    [JsonPropertyName("ResponseURL")]
    public required string ResponseUrl { get; init; }

    public required string StackId { get; init; }

    public required string RequestId { get; init; }

    public required string LogicalResourceId { get; init; }

    public string? PhysicalResourceId { get; init; }

    public JsonElement? ResourceProperties { get; init; }

    public JsonElement? OldResourceProperties { get; init; }
}

/// <summary>The answer of a custom resource (AWS: Custom resource response fields). At most 4,096 bytes.</summary>
internal sealed record CloudFormationAnswer
{
    /// <summary><c>SUCCESS</c> or <c>FAILED</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Why it failed; people read it in the stack's events.</summary>
    public string? Reason { get; init; }

    public required string PhysicalResourceId { get; init; }

    public required string StackId { get; init; }

    public required string RequestId { get; init; }

    public required string LogicalResourceId { get; init; }
}

[JsonSourceGenerationOptions(UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CloudFormationEvent))]
[JsonSerializable(typeof(CloudFormationAnswer))]
internal sealed partial class CloudFormationJson : JsonSerializerContext;
