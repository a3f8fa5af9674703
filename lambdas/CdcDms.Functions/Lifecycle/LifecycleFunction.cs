using System.Text.Encodings.Web;
using System.Text.Json;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Functions.Aws;
using CdcDms.Functions.CustomResources;
using CdcDms.LambdaRuntime;

namespace CdcDms.Functions.Lifecycle;

/// <summary>
/// Answers the custom resources around the replication: Before lets an update begin (the task stands still, or the update is
/// refused), After makes it run. Whatever happens, CloudFormation gets an answer; without one a stack waits for an hour.
/// </summary>
internal sealed class LifecycleFunction(DmsApi dms, StackStatus stacks, TimeSpan poll)
{
    // Lambda ends a call after 15 minutes. The rest is for the answer.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(14);
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(30);

    // The answer has room for 4,096 bytes, of which an id may take a quarter.
    private const int LongestReason = 1000;

    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(15) };

    private static readonly CloudFormationJson Answers = new(new JsonSerializerOptions(CloudFormationJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    public static Handler Handler => new LifecycleFunction(
        new DmsApi(AwsApi.FromEnvironment("dms", "AWS_ENDPOINT_URL_DATABASE_MIGRATION_SERVICE")),
        new StackStatus(AwsApi.FromEnvironment("cloudformation", "AWS_ENDPOINT_URL_CLOUDFORMATION")),
        TimeSpan.FromSeconds(15)).HandleAsync;

    /// <returns>What was answered, for the log. Throws when the answer could not be put: Lambda then calls again, which does no harm.</returns>
    public async Task<ReadOnlyMemory<byte>> HandleAsync(ReadOnlyMemory<byte> input, Invocation invocation, CancellationToken cancellationToken)
    {
        var request = Parse(input);
        var wait = invocation.RemainingTime - AnswerTime;
        var fault = await TryAsync(request, new Patience(poll, DateTime.UtcNow + (wait < LongestWait ? wait : LongestWait)), cancellationToken);
        var answer = JsonSerializer.SerializeToUtf8Bytes(
            new CloudFormationAnswer
            {
                Status = fault is null ? "SUCCESS" : "FAILED",
                Reason = fault?.Length > LongestReason ? fault[..LongestReason] : fault,
                PhysicalResourceId = request.PhysicalResourceId ?? $"{request.StackId.Split('/')[1]}/{request.LogicalResourceId}",
                StackId = request.StackId,
                RequestId = request.RequestId,
                LogicalResourceId = request.LogicalResourceId,
            },
            Answers.CloudFormationAnswer);

        // No content type: the pre-signed URL is signed without one.
        using var response = await Http.PutAsync(new Uri(request.ResponseUrl), new ByteArrayContent(answer), CancellationToken.None);
        response.EnsureSuccessStatusCode();
        return answer;
    }

    private static CloudFormationEvent Parse(ReadOnlyMemory<byte> input)
    {
        try
        {
            return JsonSerializer.Deserialize(input.Span, CloudFormationJson.Default.CloudFormationEvent)!;
        }
        catch (JsonException fault)
        {
            throw new CdcDmsException(ErrorKind.BadDefinition, $"The input of {FunctionNames.Lifecycle} is no event of CloudFormation's: {fault.Message}", fault);
        }
    }

    private async Task<string?> TryAsync(CloudFormationEvent request, Patience patience, CancellationToken cancellationToken)
    {
        try
        {
            await DoAsync(request, patience, cancellationToken);
            return null;
        }
        catch (CdcDmsException told)
        {
            return told.Message;
        }
        catch (AwsException refused)
        {
            return $"AWS refused what {request.LogicalResourceId} needs, {refused.Message}";
        }
        catch (Exception fault)
        {
            await Console.Error.WriteLineAsync(fault.ToString());
            return $"{request.LogicalResourceId} met a fault of its own, {fault.GetType().Name}: {fault.Message}";
        }
    }

    private async Task DoAsync(CloudFormationEvent request, Patience patience, CancellationToken cancellationToken)
    {
        if (request.RequestType == RequestType.Delete)
        {
            // Properties that cannot be read belong to a resource whose creation was refused: nothing runs because of it.
            if (ReceivedProperties.TryRead(request.ResourceProperties) is { Moment: LifecycleMoment.After } gone)
                await Life(gone, patience).StopAsync(cancellationToken);
            return;
        }

        var to = ReceivedProperties.Read(request.ResourceProperties);
        var from = ReceivedProperties.TryRead(request.OldResourceProperties);
        if (to.Moment == LifecycleMoment.After)
            await AfterAsync(from, to, patience, cancellationToken);
        else if (request.RequestType == RequestType.Update)
            await BeforeAsync(from, to, request.StackId, patience, cancellationToken);
    }

    private async Task BeforeAsync(LifecycleProperties? from, LifecycleProperties to, string stackId, Patience patience, CancellationToken cancellationToken)
    {
        if (from is not null)
        {
            var (refusal, reverse) = (Replacement.Refusal(from, to), Replacement.Refusal(to, from));
            var rollingBack = (refusal ?? reverse) is not null && await stacks.IsRollingBackAsync(stackId, cancellationToken);
            if (refusal is not null && !rollingBack)
                throw new CdcDmsException(ErrorKind.BadDefinition, refusal);

            // The update that is rolled back was refused here: nothing behind this resource was touched, so the task may run on.
            if (reverse is not null && rollingBack)
                return;
            if (SameReplication(from, to) && from.Fingerprint == to.Fingerprint)
                return;
            if (!SameReplication(from, to))
                await Life(from, patience).StopAsync(cancellationToken);
        }

        await Life(to, patience).StopAsync(cancellationToken);
    }

    private async Task AfterAsync(LifecycleProperties? from, LifecycleProperties to, Patience patience, CancellationToken cancellationToken)
    {
        // Two tasks that write below one prefix overwrite each other's files (docs/dms-contract.md#s3-role-and-limits), and CloudFormation
        // deletes the old one next.
        if (from is not null && !SameReplication(from, to))
            await Life(from, patience).StopAsync(cancellationToken);
        await Life(to, patience).RunAsync(to.CdcStartPosition, cancellationToken);
    }

    private ReplicationLifecycle Life(LifecycleProperties properties, Patience patience) => new(
        properties.Kind == ReplicationKind.Task ? new TaskReplication(dms, properties.Identifier) : new ServerlessReplication(dms, properties.Identifier),
        patience);

    private static bool SameReplication(LifecycleProperties from, LifecycleProperties to) =>
        (from.Kind, from.Identifier) == (to.Kind, to.Identifier);
}
