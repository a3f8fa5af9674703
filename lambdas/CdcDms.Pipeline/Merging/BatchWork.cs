using System.Data;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Evolution;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Spark;
using CdcDms.Pipeline.Targets;
using Npgsql;

namespace CdcDms.Pipeline.Merging;

/// <summary>The work on one batch: fetch, check, evolve, apply.</summary>
/// <param name="lake">Where the change files are.</param>
/// <param name="session">The table.</param>
/// <param name="memoryMegabytes">Memory for ordering the changes before they spill to disk.</param>
/// <param name="clock">Measures the phases.</param>
internal sealed class BatchWork(LakeReader lake, TargetSession session, int memoryMegabytes, PhaseClock clock)
{
    // Files need one, and what follows from it another; the others are those of merges beside this one.
    private const int MostTargetChanges = 10;

    /// <summary>
    /// Applies a batch, and leaves a note in the ledger as long as that takes.
    /// </summary>
    /// <returns>Null when nothing was done, and another choice may be applied.</returns>
    /// <exception cref="CdcDmsException">The batch cannot be applied; nothing of it was.</exception>
    /// <exception cref="RejectedFilesException">Some files cannot be read.</exception>
    /// <exception cref="TargetChangedException">The target was altered meanwhile.</exception>
    public async Task<(AppliedBatch Applied, MergePlan Plan)?> RunAsync(
        MergePlan plan, BatchLimits limits, CancellationToken cancellationToken)
    {
        var bytes = Math.Min(plan.Bytes, Math.Max(limits.Bytes, limits.FileBytes));
        var attempt = await session.Ledger.Attempts.BeginAsync(lake.Lake, plan.Files.Count, bytes, cancellationToken);
        try
        {
            using var workspace = new ChangeWorkspace(memoryMegabytes);
            var fitting = await CheckAsync(workspace, plan, limits, cancellationToken);
            var seen = await EvolveAsync(fitting, cancellationToken);
            if (fitting.Plan.Bytes < attempt.Bytes)
                attempt = await attempt.CutAsync(fitting.Plan.Files.Count, fitting.Plan.Bytes, cancellationToken);
            var applied = await ApplyAsync(
                new MergeBatch(lake.Lake, session, workspace, attempt, clock, limits.SampledKeys), fitting, seen, cancellationToken);
            if (applied is not null)
            {
                workspace.KeepDuckDb();
                return (applied, fitting.Plan);
            }

            await attempt.EndAsync(ranOut: false);
            return null;
        }
        catch (Exception fault)
        {
            var ranOut = Exhaustion.Is(fault);
            await attempt.EndAsync(ranOut);
            var mayGoOn = !cancellationToken.IsCancellationRequested && session.Connection.State is ConnectionState.Open;
            if (ranOut && mayGoOn && attempt.CanBeHalved)
                return null;
            throw;
        }
    }

    /// <summary>Fetches the files, and cuts the batch to what it may take.</summary>
    private async Task<FittingBatch> CheckAsync(
        ChangeWorkspace workspace, MergePlan plan, BatchLimits limits, CancellationToken cancellationToken)
    {
        IReadOnlyList<FetchedFile> files;
        using (clock.Begin(MergePhase.Fetch))
            files = await FetchAsync(workspace, plan, cancellationToken);

        using var phase = clock.Begin(MergePhase.Check);
        var groups = plan.Spark?.Shape(workspace.Connection, files)
            ?? workspace.GroupByColumns(files, ExpectedFiles.Of(session, lake.Lake, plan.Kind));
        return FittingBatch.Of(plan, groups, await session.Ledger.Files.BegunAsync(plan.Files, cancellationToken), limits);
    }

    private async Task<IReadOnlyList<FetchedFile>> FetchAsync(
        ChangeWorkspace workspace, MergePlan plan, CancellationToken cancellationToken)
    {
        try
        {
            return await workspace.FetchAsync(lake, plan.Files, cancellationToken);
        }
        catch (CdcDmsException fault) when (
            plan.Files is [_] && fault.InnerException is IOException writing && FetchedFile.IsFullDisk(writing))
        {
            throw Exhaustion.OfLargeFile(session.Table, plan.Files[0]);
        }
    }

    /// <summary>Gives the target what the files need.</summary>
    /// <returns>The columns that files had so far.</returns>
    private async Task<IReadOnlySet<string>> EvolveAsync(FittingBatch batch, CancellationToken cancellationToken)
    {
        using var phase = clock.Begin(MergePhase.Evolve);
        // The record is read anew, since another merge may have met new columns while these files were fetched.
        var record = await session.Ledger.ReadAsync(cancellationToken);
        var columns = batch.Groups.Where(group => group.HaveRows)
            .Select(group => new FileColumns(group.ToString(), group.Types)).ToList();
        for (var change = 0; change < MostTargetChanges; change++)
        {
            var evolution = ColumnComparison.Of(columns, session.Table, session.Target, record);
            if (!await evolution.ApplyAsync(session, cancellationToken))
                return evolution.Seen;
            // Another merge may have given the target other columns than these files need.
            await session.PrepareAgainAsync(cancellationToken);
        }

        throw new TargetChangedException();
    }

    /// <summary>Applies a batch by the fastest way that the target allows.</summary>
    private async Task<AppliedBatch?> ApplyAsync(
        MergeBatch batch, FittingBatch fitting, IReadOnlySet<string> seen, CancellationToken cancellationToken)
    {
        var way = MergeWay.Straight;
        while (true)
            try
            {
                return await batch.ApplyAsync(fitting, seen, way, cancellationToken);
            }
            catch (PostgresException fault) when (fitting.Plan.Spark is not null && PostgresFault.IsOfData(fault))
            {
                // Where the last change of a row is refused, an older one counts, and Spark may have left that out.
                throw new NotFromSparkException("the target refuses a value of it");
            }
            catch (PostgresException fault) when (NextWay(batch, way, fault) is { } next)
            {
                way = next;
            }
    }

    /// <summary>How a batch is tried again after a fault; null when it is not.</summary>
    private MergeWay? NextWay(MergeBatch batch, MergeWay failed, PostgresException fault) =>
        failed is MergeWay.Straight && clock.Ways is [.., MergeWay.Straight] && IsNotForCopy(fault) ? MergeWay.Staged
        : failed is not MergeWay.Careful && PostgresFault.IsOfData(fault) && batch.MayPutAside ? MergeWay.Careful
        : null;

    // A row that is there already or that the target refuses; or two loads that have each other's rows, which are in no order then.
    private static bool IsNotForCopy(PostgresException fault) =>
        PostgresFault.IsOfData(fault) || fault.SqlState == PostgresErrorCodes.DeadlockDetected;
}
