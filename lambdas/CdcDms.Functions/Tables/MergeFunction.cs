using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.LambdaRuntime;
using CdcDms.Pipeline.Merging;

namespace CdcDms.Functions.Tables;

/// <summary>Merges one batch of one table's change files into the analytics database.</summary>
internal static class MergeFunction
{
    public static Handler Handler => TableFunction.Create(
        FunctionNames.Merge,
        ContractJson.Default.MergeInput,
        ContractJson.Default.MergeOutput,
        input => input.Table,
        RunAsync,
        "the next batch takes half as much",
        outcomeLine: OutcomeLine.Of);

    private static async Task<MergeOutput> RunAsync(MergeInput input, Connections connections, CancellationToken cancellationToken)
    {
        using var lake = Connections.Lake(input.Lake);
        var target = await connections.TargetAsync(cancellationToken);
        var job = new MergeJob(lake.Reader, target, BatchBounds.DuckDbMegabytes)
        {
            RetentionDays = input.RetentionDays,
            Execution = connections.Execution(input.Execution),
            GivenUp = course => Console.WriteLine(OutcomeLine.Of(course, input.Table, connections.Invocation)),
        };
        var limits = BatchBounds.Of(input.BatchBytes, connections.RemainingTime, BatchBounds.FreeBytes) with
        {
            SampledKeys = input.SampledKeys,
        };
        return input switch
        {
            { Group: { } group } => await job.RunAsync(input.Table, group, limits, cancellationToken),
            { SparkPlan: { } plan } => await job.RunAsync(input.Table, plan, limits, cancellationToken),
            _ => await job.RunAsync(input.Table, limits, cancellationToken),
        };
    }
}
