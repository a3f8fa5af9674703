using System.Text.Json;
using CdcDms.Aws;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Functions.Aws;
using CdcDms.Functions.CustomResources;
using CdcDms.LambdaRuntime;

namespace CdcDms.Functions.Lifecycle;

/// <summary>
/// The custom resources around the replication: Before lets an update begin (the replication stands still, or the update is
/// refused), After makes the replication run.
/// </summary>
internal sealed class LifecycleFunction(DmsApi dms, StackStatus stacks, Executions executions, TextWriter log)
{
    private const string Name = FunctionNames.Lifecycle;

    // Lambda ends a call after 15 minutes. The rest is for the answer.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(14);
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(15);

    public static Handler Handler => (input, invocation, cancellationToken) => new LifecycleFunction(
        new DmsApi(AwsApi.FromEnvironment("dms", "AWS_ENDPOINT_URL_DATABASE_MIGRATION_SERVICE")),
        new StackStatus(AwsApi.FromEnvironment("cloudformation", "AWS_ENDPOINT_URL_CLOUDFORMATION")),
        new Executions(AwsApi.FromEnvironment("states", "AWS_ENDPOINT_URL_SFN")),
        Console.Out)
        .HandleAsync(input, invocation, cancellationToken);

    public Task<ReadOnlyMemory<byte>> HandleAsync(ReadOnlyMemory<byte> input, Invocation invocation, CancellationToken cancellationToken)
    {
        var wait = invocation.RemainingTime - AnswerTime;
        var patience = Patience.Of(wait < LongestWait ? wait : LongestWait, Poll, invocation.Clock);
        return CustomResource.AnswerAsync(
            input, Name, (request, cancelled) => SignAsync(request, patience, cancelled), cancellationToken);
    }

    // A call may take a quarter of an hour: what comes next begins when it ends, also when it fails.
    private async Task SignAsync(CloudFormationRequest request, Patience patience, CancellationToken cancellationToken)
    {
        log.WriteLine(LifecycleSign.Of(MetricNames.Deploying, patience.Clock));
        try
        {
            await CarryOutAsync(request, patience, cancellationToken);
        }
        finally
        {
            log.WriteLine(LifecycleSign.Of(MetricNames.Deploying, patience.Clock));
        }
    }

    private async Task CarryOutAsync(CloudFormationRequest request, Patience patience, CancellationToken cancellationToken)
    {
        if (request.RequestType == RequestType.Delete)
        {
            // Properties that cannot be read belong to a resource whose creation was refused: nothing runs because of it.
            if (TryRead(request.ResourceProperties) is { Moment: LifecycleMoment.After } gone)
                await Lifecycle(gone, patience).StopAsync(cancellationToken);
            return;
        }

        var to = ResourceProperties.Read(request.ResourceProperties, ContractJson.Default.LifecycleProperties, Name);
        var from = TryRead(request.OldResourceProperties);
        if (to.Moment == LifecycleMoment.After)
            await AfterAsync(from, to, patience, cancellationToken);
        else if (request.RequestType == RequestType.Update)
            await BeforeAsync(from, to, request.StackId, patience, cancellationToken);
        else
            await LookAsync(from: null, to, patience, cancellationToken);
    }

    private async Task BeforeAsync(
        LifecycleProperties? from, LifecycleProperties to, string stackId, Patience patience, CancellationToken cancellationToken)
    {
        if (from is not null)
        {
            var (refusal, reverse) = (Replacement.Refusal(from, to), Replacement.Refusal(to, from));
            var rollingBack = (refusal ?? reverse) is not null && await IsRollingBackAsync(stackId, patience, cancellationToken);
            if (refusal is not null && !rollingBack)
                throw new CdcDmsException(ErrorKind.BadDefinition, refusal);

            // The update that is rolled back was refused here: nothing behind this resource was touched, so the replication may run on.
            if (reverse is not null && rollingBack)
                return;
            if (SameReplication(from, to) && from.Fingerprint == to.Fingerprint)
                return;
        }

        if (to.Preflight is not null && !await IsRollingBackAsync(stackId, patience, cancellationToken))
            await LookAsync(from, to, patience, cancellationToken);
        if (from is not null && !SameReplication(from, to))
            await Lifecycle(from, patience).StopAsync(cancellationToken);
        await Lifecycle(to, patience).StopAsync(cancellationToken);
    }

    // A rollback that fails leaves the stack where only a person gets it out: a busy API must not do that.
    private async Task<bool> IsRollingBackAsync(string stackId, Patience patience, CancellationToken cancellationToken)
    {
        var rollingBack = false;
        await patience.UntilAsync(
            () => "CloudFormation does not say whether the stack is rolling back. Deploy again.",
            async () =>
            {
                rollingBack = await stacks.IsRollingBackAsync(stackId, cancellationToken);
                return true;
            },
            cancellationToken);
        return rollingBack;
    }

    // A replication that has worked is not held up by what its source is like: what it captures, it captures already.
    private async Task LookAsync(
        LifecycleProperties? from, LifecycleProperties to, Patience patience, CancellationToken cancellationToken)
    {
        if (to.Preflight is not { } preflight)
            return;
        var replication = dms.Replication(to.Kind, to.Identifier);
        ReplicationState? state = null;
        await patience.UntilAsync(
            () => $"DMS does not say whether the {replication.Name} has worked. Deploy again.",
            async () =>
            {
                state = await replication.FindAsync(cancellationToken);
                return true;
            },
            cancellationToken);
        var added = state is { HasWorked: true } ? (to.Tables ?? []).Except(from?.Tables ?? to.Tables ?? []).ToList() : [];
        if (state is not { HasWorked: true } || added.Count > 0)
            await new DeploymentPreflight(executions, patience).RunAsync(preflight, added, to.AcceptedLosses ?? [], cancellationToken);
    }

    private async Task AfterAsync(
        LifecycleProperties? from, LifecycleProperties to, Patience patience, CancellationToken cancellationToken)
    {
        // Two tasks that write below one prefix overwrite each other's files (docs/dms-contract.md#s3-role-and-limits), and CloudFormation
        // deletes the old one next.
        if (from is not null && !SameReplication(from, to))
            await Lifecycle(from, patience).StopAsync(cancellationToken);
        var replication = dms.Replication(to.Kind, to.Identifier);
        var lifecycle = new ReplicationLifecycle(replication, patience);
        var (status, hadWorked) = await lifecycle.RunAsync(to.CdcStartPosition, cancellationToken);
        if (!hadWorked)
            log.WriteLine(LifecycleSign.Of(MetricNames.FirstStart, patience.Clock));
        // The first start loads every table.
        if (to.Tables is not { } tables || !hadWorked)
            return;
        var added = from?.Tables is { } before ? tables.Except(before).ToList() : [];
        if (status == ReplicationState.RunningStatus)
            await new AddedTables(replication, patience).LoadAsync(Names(tables), Names(added), cancellationToken);
        else if (added.Count > 0)
            Console.WriteLine(
                $"The {replication.Name} is still '{status}', so nobody has seen whether it loads {string.Join(", ", added)}: when it "
                + "runs, have the table loaded (docs/runbook.md#reload-a-table).");
    }

    private static IReadOnlyCollection<TableName> Names(IEnumerable<string> tables) => [.. tables.Select(TableName.Parse)];

    private ReplicationLifecycle Lifecycle(LifecycleProperties properties, Patience patience) =>
        new(dms.Replication(properties.Kind, properties.Identifier), patience);

    private static LifecycleProperties? TryRead(JsonElement? properties) =>
        ResourceProperties.TryRead(properties, ContractJson.OfOtherVersion.LifecycleProperties);

    private static bool SameReplication(LifecycleProperties from, LifecycleProperties to) =>
        (from.Kind, from.Identifier) == (to.Kind, to.Identifier);
}
