using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CdcDms.Aws;
using CdcDms.Contract;

namespace CdcDms.Local.Remote;

/// <summary>What Step Functions tells of an environment's state machines and executions. It starts nothing.</summary>
/// <remarks>Each throws <see cref="CdcDmsException"/> when AWS refuses the call or does not answer.</remarks>
/// <param name="access">The environment, and the operator's access to it.</param>
internal sealed class ExecutionReads(AwsAccess access)
{
    private const string Service = "states";

    // An execution has 25,000 events at most (AWS: Step Functions quotas). Of a longer one the newest are read.
    private const int MostPages = 5;

    private const int EventsOfPage = 1000;

    /// <summary>The definition of a state machine, in the Amazon States Language.</summary>
    public async Task<JsonNode> DefinitionAsync(string machine, CancellationToken cancellationToken)
    {
        var answer = await AskAsync(
            "DescribeStateMachine", $"the state machine {machine}", new AskedMachine(MachineArn(machine)),
            ExecutionReadsJson.Default.AskedMachine, ExecutionReadsJson.Default.DescribedMachine, cancellationToken);
        return JsonNode.Parse(answer.Definition)!;
    }

    /// <summary>The executions of a state machine that began last, the newest first.</summary>
    public async Task<IReadOnlyList<ListedExecution>> NewestAsync(string machine, int most, CancellationToken cancellationToken) =>
        (await AskAsync(
            "ListExecutions", $"the state machine {machine}", new AskedExecutions(MachineArn(machine), most),
            ExecutionReadsJson.Default.AskedExecutions, ExecutionReadsJson.Default.ListedExecutions, cancellationToken)).Executions;

    /// <summary>An execution; null where Step Functions knows none of this name, or not any more.</summary>
    public async Task<DescribedExecution?> FindAsync(string machine, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(
                "DescribeExecution", $"the execution {name} of {machine}", new AskedExecution(ExecutionArn(machine, name)),
                ExecutionReadsJson.Default.AskedExecution, ExecutionReadsJson.Default.DescribedExecution, cancellationToken);
        }
        catch (CdcDmsException fault) when (fault.InnerException is AwsException { Code: "ExecutionDoesNotExist" or "InvalidArn" })
        {
            return null;
        }
    }

    /// <summary>The newest events of an execution, in their order and without inputs and outputs, which hold values.</summary>
    public async Task<IReadOnlyList<JsonObject>> HistoryAsync(string machine, string name, CancellationToken cancellationToken)
    {
        var (events, next) = (new List<JsonObject>(), (string?)null);
        for (var page = 0; page < MostPages && (page == 0 || next is not null); page++)
        {
            var answer = await AskAsync(
                "GetExecutionHistory", $"the execution {name} of {machine}",
                new AskedHistory(ExecutionArn(machine, name), EventsOfPage, ReverseOrder: true, IncludeExecutionData: false, next),
                ExecutionReadsJson.Default.AskedHistory, ExecutionReadsJson.Default.ToldHistory, cancellationToken);
            events.AddRange(answer.Events);
            next = answer.NextToken;
        }

        events.Reverse();
        return events;
    }

    private string MachineArn(string machine) => access.Environment.Arn(Service, "stateMachine", machine);

    private string ExecutionArn(string machine, string name) => access.Environment.Arn(Service, "execution", $"{machine}:{name}");

    private Task<TAnswer> AskAsync<TRequest, TAnswer>(
        string operation, string what, TRequest request, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<TAnswer> answerType,
        CancellationToken cancellationToken)
    {
        var json = new AwsJsonApi(
            new AwsApi(access.Environment.Url(Service, "AWS_ENDPOINT_URL_SFN"), Service, access.Environment.Region, access.Credentials()),
            "1.0",
            "AWSStepFunctions");
        return access.CallAsync(
            what, $"states:{operation}", () => json.CallAsync(operation, request, requestType, answerType, cancellationToken));
    }
}

/// <summary>An execution in a list of Step Functions.</summary>
/// <param name="Name">Its name among those of its state machine.</param>
/// <param name="Status">
/// <c>RUNNING</c>, <c>SUCCEEDED</c>, <c>FAILED</c>, <c>TIMED_OUT</c>, <c>ABORTED</c> or <c>PENDING_REDRIVE</c>.
/// </param>
/// <param name="StartDate">When it began: seconds since 1970, as all times of this protocol.</param>
/// <param name="StopDate">When it ended; null while it runs.</param>
internal sealed record ListedExecution(string Name, string Status, double StartDate, double? StopDate);

/// <summary>An execution as Step Functions describes it.</summary>
/// <param name="Input">Its input's JSON.</param>
/// <param name="Error">The error, where it failed.</param>
/// <param name="Cause">The error's cause.</param>
/// <inheritdoc cref="ListedExecution"/>
internal sealed record DescribedExecution(
    string Name, string Status, double StartDate, double? StopDate, string? Input, string? Error, string? Cause);

internal sealed record AskedMachine(string StateMachineArn);

internal sealed record DescribedMachine(string Definition);

internal sealed record AskedExecutions(string StateMachineArn, int MaxResults);

internal sealed record ListedExecutions(IReadOnlyList<ListedExecution> Executions);

internal sealed record AskedExecution(string ExecutionArn);

internal sealed record AskedHistory(
    string ExecutionArn, int MaxResults, bool ReverseOrder, bool IncludeExecutionData, string? NextToken);

internal sealed record ToldHistory(IReadOnlyList<JsonObject> Events, string? NextToken);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AskedMachine))]
[JsonSerializable(typeof(DescribedMachine))]
[JsonSerializable(typeof(AskedExecutions))]
[JsonSerializable(typeof(ListedExecutions))]
[JsonSerializable(typeof(AskedExecution))]
[JsonSerializable(typeof(DescribedExecution))]
[JsonSerializable(typeof(AskedHistory))]
[JsonSerializable(typeof(ToldHistory))]
internal sealed partial class ExecutionReadsJson : JsonSerializerContext;
