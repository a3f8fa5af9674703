using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace CdcDms.Aws;

/// <summary>A service that speaks AWS's JSON protocol.</summary>
/// <param name="aws">The service.</param>
/// <param name="version">The protocol's version: <c>1.0</c> or <c>1.1</c>.</param>
/// <param name="prefix">What stands before the names of its operations, such as <c>AmazonDMSv20160101</c>.</param>
public sealed class AwsJsonApi(AwsApi aws, string version, string prefix)
{
    /// <summary>Calls an operation.</summary>
    /// <returns>What it answers.</returns>
    /// <param name="operation">Its name.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="requestType">The request's JSON form.</param>
    /// <param name="answerType">The answer's JSON form.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="AwsException">The service refused the call or did not answer.</exception>
    public async Task<TAnswer> CallAsync<TRequest, TAnswer>(
        string operation,
        TRequest request,
        JsonTypeInfo<TRequest> requestType,
        JsonTypeInfo<TAnswer> answerType,
        CancellationToken cancellationToken) =>
        JsonSerializer.Deserialize(await PostAsync(operation, request, requestType, cancellationToken), answerType)!;

    /// <summary>Calls an operation that answers nothing.</summary>
    /// <inheritdoc cref="CallAsync"/>
    public Task SendAsync<TRequest>(
        string operation, TRequest request, JsonTypeInfo<TRequest> requestType, CancellationToken cancellationToken) =>
        PostAsync(operation, request, requestType, cancellationToken);

    private Task<string> PostAsync<TRequest>(
        string operation, TRequest request, JsonTypeInfo<TRequest> requestType, CancellationToken cancellationToken) =>
        aws.PostAsync(
            $"application/x-amz-json-{version}",
            $"{prefix}.{operation}",
            JsonSerializer.Serialize(request, requestType),
            ReadError,
            cancellationToken);

    // The type is a code, that may stand behind a namespace and before an address (AWS: Smithy, AWS JSON 1.1 protocol, errors).
    private static (string Code, string Message) ReadError(string body)
    {
        try
        {
            var error = JsonSerializer.Deserialize(body, AwsErrorJson.Default.AwsError);
            return (error?.Type?.Split(':')[0].Split('#')[^1] ?? "Unknown", error?.Message ?? body);
        }
        catch (JsonException)
        {
            return ("Unknown", body);
        }
    }
}

/// <summary>What a service says of a call that it refused.</summary>
internal sealed record AwsError
{
    [JsonPropertyName("__type")]
    public string? Type { get; init; }

    public string? Message { get; init; }
}

// What refuses a call before the service sees it writes "Message".
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true)]
[JsonSerializable(typeof(AwsError))]
internal sealed partial class AwsErrorJson : JsonSerializerContext;
