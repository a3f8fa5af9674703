using System.Text.Json.Serialization;

namespace CdcDms.Aws;

/// <summary>Executions of state machines: the two operations of Step Functions that starting one and waiting for its end need.</summary>
/// <remarks>Both throw <see cref="AwsException"/> when Step Functions refuses or does not answer.</remarks>
public sealed class Executions(AwsApi aws)
{
    private readonly AwsJsonApi _json = new(aws, "1.0", "AWSStepFunctions");

    /// <summary>Starts an execution.</summary>
    /// <returns>Its ARN.</returns>
    public async Task<string> StartAsync(string stateMachineArn, string input, CancellationToken cancellationToken) =>
        (await _json.CallAsync(
            "StartExecution",
            new StartExecution(stateMachineArn, input),
            ExecutionJson.Default.StartExecution,
            ExecutionJson.Default.StartedExecution,
            cancellationToken)).ExecutionArn;

    /// <summary>
    /// How an execution is going, or how it ended; null when Step Functions does not know it yet. It may not for a moment after the start
    /// (AWS: DescribeExecution, "eventually consistent").
    /// </summary>
    public async Task<Execution?> FindAsync(string executionArn, CancellationToken cancellationToken)
    {
        try
        {
            return await _json.CallAsync(
                "DescribeExecution",
                new DescribeExecution(executionArn),
                ExecutionJson.Default.DescribeExecution,
                ExecutionJson.Default.Execution,
                cancellationToken);
        }
        catch (AwsException unknown) when (unknown.Code == "ExecutionDoesNotExist")
        {
            return null;
        }
    }
}

/// <summary>An execution as Step Functions describes it.</summary>
/// <param name="Status"><c>RUNNING</c>, <c>SUCCEEDED</c>, <c>FAILED</c>, <c>TIMED_OUT</c> or <c>ABORTED</c>.</param>
/// <param name="Output">The output's JSON, once it has succeeded.</param>
/// <param name="Error">The error, when it failed.</param>
/// <param name="Cause">The error's cause.</param>
public sealed record Execution(string Status, string? Output, string? Error, string? Cause);

internal sealed record StartExecution(string StateMachineArn, string Input);

internal sealed record StartedExecution(string ExecutionArn);

internal sealed record DescribeExecution(string ExecutionArn);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StartExecution))]
[JsonSerializable(typeof(StartedExecution))]
[JsonSerializable(typeof(DescribeExecution))]
[JsonSerializable(typeof(Execution))]
internal sealed partial class ExecutionJson : JsonSerializerContext;
