using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Spark;
using CdcDms.Pipeline.Targets;
using CdcDms.Pipeline.Tracing;
using Npgsql;

namespace CdcDms.Pipeline.Merging;

/// <summary>Merges what is new in the lake into the analytics database, one batch of one table at a time.</summary>
/// <param name="lake">Where the change files are.</param>
/// <param name="targetConnection">Connection string of the analytics database.</param>
/// <param name="memoryMegabytes">Memory for ordering the changes of a batch before it spills to disk.</param>
/// <param name="time">Decides when the lake is listed whole again, which it is once a day; the system's clock when null.</param>
public sealed class MergeJob(LakeReader lake, string targetConnection, int memoryMegabytes = 512, TimeProvider? time = null)
{
    /// <summary>
    /// Hears how a merge went that failed, before the failure is thrown; no attempt means that it failed before a batch was begun, as while
    /// it waited for a lock. It must not throw.
    /// </summary>
    public Action<BatchCourse>? GivenUp { get; init; }

    /// <summary>
    /// Days after which files that were merged are deleted, once none waits; null to keep them. Files of a feed are others'.
    /// </summary>
    public int? RetentionDays { get; init; }

    /// <summary>The execution that calls, which leaves a table alone that another one merges. Default: none.</summary>
    public MergingExecution? Execution { get; init; }

    /// <summary>Says what waits for a table, and groups the full-load files that may be merged side by side.</summary>
    /// <param name="table">The table.</param>
    /// <param name="limits">What a group may have.</param>
    /// <param name="spark">When changes are left to Spark; null for never.</param>
    /// <exception cref="CdcDmsException">The lake or the analytics database cannot be used for this table.</exception>
    public async Task<PlanOutput> PlanAsync(
        TableDefinition table, BatchLimits limits, CancellationToken cancellationToken, SparkChoice? spark = null)
    {
        try
        {
            var clock = new PhaseClock();
            await using var session = await OpenAsync(table, clock, cancellationToken);
            if (session is null)
                return new PlanOutput { SnapshotGroups = [], ChangesWait = false };
            var lease = new TableLease(session, Execution);
            return await lease.TakeAsync(cancellationToken) is { } left
                ? new PlanOutput { SnapshotGroups = [], ChangesWait = false, LeftAlone = left }
                : await lease.HoldAsync(
                    () => WaitingAsync(session, lease, limits, spark, clock, cancellationToken), isLast: _ => false, cancellationToken);
        }
        catch (NpgsqlException fault)
        {
            throw NotMerged(table, fault);
        }
    }

    private async Task<PlanOutput> WaitingAsync(
        TargetSession session,
        TableLease lease,
        BatchLimits limits,
        SparkChoice? spark,
        PhaseClock clock,
        CancellationToken cancellationToken)
    {
        var waiting = await MergeStep.OrParkAsync(session, () => Run(session, clock).ListAsync(cancellationToken), cancellationToken);
        var fitting = limits.Within(await session.Ledger.Attempts.BoundAsync(cancellationToken));
        // What does more than fill gaps is merged alone (MergeBatch).
        var sideBySide = waiting.LoadsFillGaps && !session.Target.HasRegisters;
        var plan = MergePlan.SideBySide(waiting, fitting, mostFiles: sideBySide ? MergePlan.MostPlannedFiles : 0);
        // Full loads come first, and have nothing to reduce.
        if (spark is null || waiting.Loads.Count > 0)
            return plan;
        var planning = new SparkPlanning(lake, session, memoryMegabytes);
        var planned = await planning.WriteAsync(waiting.Changes, spark, cancellationToken);
        if (planned.Key is not null)
            await lease.ExtendAsync(TimeSpan.FromMinutes(spark.LongestRunMinutes), cancellationToken);
        return plan with { SparkPlan = planned.Key, MoreForSpark = planned.More, NotForSpark = planned.Fault };
    }

    /// <summary>Applies the table's next batch.</summary>
    /// <param name="table">The table.</param>
    /// <param name="batchBytes">Most bytes of Parquet of files that are merged together.</param>
    /// <param name="cancellationToken">Ends the batch; nothing of it stays.</param>
    /// <exception cref="CdcDmsException">The batch cannot be applied; nothing of it was.</exception>
    public Task<MergeOutput> RunAsync(TableDefinition table, long batchBytes, CancellationToken cancellationToken) =>
        RunAsync(table, BatchLimits.Default with { Bytes = batchBytes }, cancellationToken);

    /// <inheritdoc cref="RunAsync(TableDefinition, long, CancellationToken)"/>
    /// <param name="limits">How much the batch may take.</param>
    public Task<MergeOutput> RunAsync(TableDefinition table, BatchLimits limits, CancellationToken cancellationToken) =>
        RunAsync(table, new BatchChoice.Next(limits), cancellationToken);

    /// <summary>Applies files of a group that <see cref="PlanAsync"/> gave, as many as fit; the next plan has the others again.</summary>
    /// <exception cref="CdcDmsException">The files cannot be applied; nothing of them was.</exception>
    public Task<MergeOutput> RunAsync(
        TableDefinition table, FileGroup group, BatchLimits limits, CancellationToken cancellationToken) =>
        RunAsync(table, new BatchChoice.Planned(group, limits), cancellationToken);

    /// <summary>Applies the next of what Spark has left by a plan that <see cref="PlanAsync"/> gave.</summary>
    /// <exception cref="CdcDmsException">It cannot be applied; nothing of the batch was.</exception>
    public Task<MergeOutput> RunAsync(
        TableDefinition table, string sparkPlan, BatchLimits limits, CancellationToken cancellationToken) =>
        RunAsync(table, new BatchChoice.OfSpark(sparkPlan, limits), cancellationToken);

    private async Task<MergeOutput> RunAsync(TableDefinition table, BatchChoice choice, CancellationToken cancellationToken)
    {
        using var span = PipelineTrace.Begin("merge", table);
        try
        {
            return await MergeAsync(table, choice, cancellationToken);
        }
        catch (CdcDmsException fault)
        {
            span?.Fail(fault);
            throw;
        }
    }

    private async Task<MergeOutput> MergeAsync(TableDefinition table, BatchChoice choice, CancellationToken cancellationToken)
    {
        var (clock, isDone) = (new PhaseClock(), false);
        try
        {
            await using var session = await OpenAsync(table, clock, cancellationToken);
            if (session is null)
            {
                isDone = true;
                return Nothing(table);
            }

            var lease = new TableLease(session, Execution);
            if (await lease.TakeAsync(cancellationToken) is { } left)
            {
                isDone = true;
                return Nothing(table) with { LeftAlone = left };
            }

            async Task<MergeOutput> MergedAsync()
            {
                var output = await MergeStep.OrParkAsync(
                    session, () => Run(session, clock).RunAsync(choice, cancellationToken), cancellationToken);
                isDone = true;
                return output.More ? output
                    : await new LastBatch(lake, session, time ?? TimeProvider.System).FollowAsync(output, RetentionDays, cancellationToken);
            }

            // Beside a group others of the same execution are merged, and after it the execution goes on.
            return choice is BatchChoice.Planned ? await MergedAsync()
                : await lease.HoldAsync(MergedAsync, isLast: output => !output.More, cancellationToken);
        }
        catch (NpgsqlException fault)
        {
            throw NotMerged(table, fault);
        }
        finally
        {
            if (!isDone)
                GivenUp?.Invoke(clock.Course);
        }
    }

    private async Task<TargetSession?> OpenAsync(TableDefinition table, PhaseClock clock, CancellationToken cancellationToken)
    {
        using var phase = clock.Begin(MergePhase.Open);
        return await TargetSession.OpenAsync(
            targetConnection,
            table,
            async () =>
            {
                // A wrong lake changes nothing: the lake is asked before a missing target is created.
                var hasFiles = await lake.HasFilesAsync(table, cancellationToken);
                // A definition that cannot make its target is no fault before there is something to merge: an empty table has no file.
                return hasFiles || table.MakesTarget;
            },
            cancellationToken);
    }

    private static MergeOutput Nothing(TableDefinition table) => new()
    {
        Table = table.Source.ToString(),
        Files = 0,
        Bytes = 0,
        Rows = new RowCounts(),
        More = false,
    };

    private MergeRun Run(TargetSession session, PhaseClock clock) =>
        new(lake, session, memoryMegabytes, clock, time ?? TimeProvider.System);

    private static CdcDmsException NotMerged(TableDefinition table, NpgsqlException fault) =>
        PostgresFault.Tell(fault, $"{table.Source} was not merged into {table.Target}");
}
