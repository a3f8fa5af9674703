using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CdcDms.LambdaRuntime;

/// <summary>A failed invocation as Lambda reports it to the caller.</summary>
public sealed record FunctionError
{
    /// <summary>The stable name that a caller's retry rules match on.</summary>
    [JsonPropertyName("errorType")]
    public required string Type { get; init; }

    /// <summary>What happened.</summary>
    [JsonPropertyName("errorMessage")]
    public required string Message { get; init; }

    /// <summary>Where it happened, a line a frame; empty when the message says all that is needed.</summary>
    [JsonPropertyName("stackTrace")]
    public IReadOnlyList<string> StackTrace { get; set; } = [];
}

[JsonSerializable(typeof(FunctionError))]
internal sealed partial class FunctionErrorJson : JsonSerializerContext
{
    // People read these in logs and execution histories; no browser does, so quotes need no escaping.
    public static readonly FunctionErrorJson Readable = new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
