using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace CdcDms.Functions.Aws;

/// <summary>Executions of state machines: the two operations of Step Functions that starting one and waiting for its end need.</summary>
/// <remarks>Both throw <see cref="AwsException"/> when Step Functions refuses or does not answer.</remarks>
internal sealed class Executions(AwsApi aws)
{
    /// <summary>Starts an execution.</summary>
    /// <returns>Its ARN.</returns>
    public async Task<string> StartAsync(string stateMachineArn, string input, CancellationToken cancellationToken) =>
        (await CallAsync(
            "StartExecution",
            new StartExecution(stateMachineArn, input),
            ExecutionJson.Default.StartExecution,
            ExecutionJson.Default.StartedExecution,
            cancellationToken)).ExecutionArn;

    /// <summary>How an execution is going, or how it ended.</summary>
    public Task<Execution> FindAsync(string executionArn, CancellationToken cancellationToken) => CallAsync(
        "DescribeExecution",
        new DescribeExecution(executionArn),
        ExecutionJson.Default.DescribeExecution,
        ExecutionJson.Default.Execution,
        cancellationToken);

    private async Task<TAnswer> CallAsync<TRequest, TAnswer>(
        string operation,
        TRequest request,
        JsonTypeInfo<TRequest> requestType,
        JsonTypeInfo<TAnswer> answerType,
        CancellationToken cancellationToken)
    {
        var answer = await aws.PostAsync(
            "application/x-amz-json-1.0",
            $"AWSStepFunctions.{operation}",
            JsonSerializer.Serialize(request, requestType),
            ReadError,
            cancellationToken);
        return JsonSerializer.Deserialize(answer, answerType)!;
    }

    private static (string Code, string Message) ReadError(string body)
    {
        try
        {
            var error = JsonSerializer.Deserialize(body, ExecutionJson.Default.ExecutionError);
            return (error?.Type?.Split('#')[^1] ?? "Unknown", error?.Message ?? body);
        }
        catch (JsonException)
        {
            return ("Unknown", body);
        }
    }
}

/// <summary>An execution as Step Functions describes it.</summary>
/// <param name="Status"><c>RUNNING</c>, <c>SUCCEEDED</c>, <c>FAILED</c>, <c>TIMED_OUT</c> or <c>ABORTED</c>.</param>
/// <param name="Output">The output's JSON, once it has succeeded.</param>
/// <param name="Error">The error, when it failed.</param>
/// <param name="Cause">The error's cause.</param>
internal sealed record Execution(string Status, string? Output, string? Error, string? Cause);

internal sealed record StartExecution(string StateMachineArn, string Input);

internal sealed record StartedExecution(string ExecutionArn);

internal sealed record DescribeExecution(string ExecutionArn);

internal sealed record ExecutionError([property: JsonPropertyName("__type")] string? Type, string? Message);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StartExecution))]
[JsonSerializable(typeof(StartedExecution))]
[JsonSerializable(typeof(DescribeExecution))]
[JsonSerializable(typeof(Execution))]
[JsonSerializable(typeof(ExecutionError))]
internal sealed partial class ExecutionJson : JsonSerializerContext;
