using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Functions.Metrics;
using CdcDms.LambdaRuntime;
using CdcDms.Pipeline.Merging;

namespace CdcDms.Functions.Tables;

/// <summary>Says what waits for one table, and groups a first load's files for merging side by side.</summary>
internal static class PlanFunction
{
    public static Handler Handler => TableFunction.Create(
        FunctionNames.Plan, ContractJson.Default.PlanInput, ContractJson.Default.PlanOutput, input => input.Table, RunAsync);

    private static async Task<PlanOutput> RunAsync(PlanInput input, Connections connections, CancellationToken cancellationToken)
    {
        using var lake = Connections.Lake(input.Lake);
        var job = new MergeJob(lake.Reader, await connections.TargetAsync(cancellationToken), BatchBounds.DuckDbMegabytes)
        {
            Execution = connections.Execution(input.Execution),
        };
        // The groups are merged by functions with the same time and storage.
        var limits = BatchBounds.Of(input.BatchBytes, connections.RemainingTime, BatchBounds.FreeBytes);
        var plan = await job.PlanAsync(input.Table, limits, cancellationToken, input.Spark);
        if (plan.NotForSpark is { } reason)
            Console.WriteLine(MetricLine.Write(
                "not for Spark", input.Table.Source.ToString(), connections.Invocation, [], [("Reason", reason)]));
        return plan;
    }
}
