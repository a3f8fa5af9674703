using CdcDms.Pipeline.Merging;
using CdcDms.Pipeline.Spark;

namespace CdcDms.Pipeline.Tests.Spark;

/// <summary>The way of waiting changes through Spark's SQL: plan, reduce, merge what is left.</summary>
public static class SparkedMerge
{
    private static readonly SparkChoice Always = new() { FromBytes = 0, LongestRunMinutes = 115, LeaveOut = [] };

    /// <summary>Plans and reduces.</summary>
    /// <returns>The plan's key, or why there is none.</returns>
    public static async Task<(string? Plan, string? Fault)> PlanAsync(MergeJob job, TestLake lake, TableDefinition table)
    {
        var output = await job.PlanAsync(table, BatchLimits.Default, CancellationToken.None, Always);
        if (output.SparkPlan is { } plan)
            await new SparkStandIn(lake.Reader, memoryMegabytes: 64).RunAsync(plan, CancellationToken.None);
        return (output.SparkPlan, output.NotForSpark);
    }

    /// <summary>Merges what is left by a plan.</summary>
    /// <returns>The fate of all changes, and why no more of them were merged; null when all were.</returns>
    public static async Task<(RowCounts Rows, string? Fault)> MergeAsync(
        MergeJob job, TableDefinition table, string plan, BatchLimits limits)
    {
        var rows = new RowCounts();
        MergeOutput output;
        do
        {
            output = await job.RunAsync(table, plan, limits, CancellationToken.None);
            Assert.True(output.Rows.Balance(), output.Rows.ToString());
            Assert.True(output.More);
            rows += output.Rows;
        }
        while (output.MoreOfSpark);
        return (rows, output.NotFromSpark);
    }

    /// <summary>Does all of it.</summary>
    public static async Task RunAsync(MergeJob job, TestLake lake, TableDefinition table, BatchLimits limits)
    {
        if (await PlanAsync(job, lake, table) is ({ } plan, _))
            await MergeAsync(job, table, plan, limits);
    }
}
