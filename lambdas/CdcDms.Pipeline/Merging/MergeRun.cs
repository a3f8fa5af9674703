using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Lake;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Spark;
using CdcDms.Pipeline.Targets;
using CdcDms.Pipeline.Tracing;

namespace CdcDms.Pipeline.Merging;

/// <summary>The way of one batch: list, plan, work.</summary>
/// <param name="lake">Where the change files are.</param>
/// <param name="session">The table.</param>
/// <param name="memoryMegabytes">Memory for ordering the changes before they spill to disk.</param>
/// <param name="clock">Measures the phases.</param>
/// <param name="time">Decides when the lake is listed whole again.</param>
internal sealed class MergeRun(LakeReader lake, TargetSession session, int memoryMegabytes, PhaseClock clock, TimeProvider time)
{
    // One file may be an accident. So many are a fault of the task or the definition, and the table's rows are no longer to be trusted.
    private const int MostRejectedFiles = 10;

    // Other merges alter a target once for each new column. What alters the target time and again does not end by itself.
    private const int MostTargetChanges = 10;

    /// <summary>
    /// Chooses a batch and applies it, again until one is applied: files that cannot be read are noted and left out, where another merge
    /// was faster the choice is made anew, and half as much is chosen where memory or storage were too small.
    /// </summary>
    /// <exception cref="CdcDmsException">The batch cannot be applied; nothing of it was.</exception>
    public async Task<MergeOutput> RunAsync(BatchChoice choice, CancellationToken cancellationToken)
    {
        try
        {
            return await MergeNextAsync(choice, cancellationToken);
        }
        catch (NotFromSparkException unfit)
        {
            return Output(new MergePlan(ChangeKind.Of(session.Table), []) { More = true }, new RowCounts()) with
            {
                NotFromSpark = $"{session.Table.Source}: what Spark left is not merged, since {unfit.Message}; the changes are merged as "
                    + "they are.",
            };
        }
    }

    private async Task<MergeOutput> MergeNextAsync(BatchChoice choice, CancellationToken cancellationToken)
    {
        var work = new BatchWork(lake, session, memoryMegabytes, clock);
        var (rejected, targetChanges) = (0, 0);
        while (true)
        {
            var (plan, limits) = await ChooseAsync(choice, cancellationToken);
            if (plan.IsEmpty)
                return await NothingAsync(plan, cancellationToken) with { FilesRejected = rejected };

            using var span = PipelineTrace.Begin("batch", session.Table);
            span?.SetTag(PipelineTrace.Files, plan.Files.Count).SetTag(PipelineTrace.Bytes, plan.Bytes);
            clock.BeginAttempt();
            try
            {
                if (await work.RunAsync(plan, limits, cancellationToken) is var (applied, merged))
                {
                    span?.SetTag(PipelineTrace.Batch, applied.Id).Tag(applied.Rows);
                    return Output(merged, applied) with
                    {
                        FilesRejected = rejected,
                        FreshUntilUtc = await FreshUntilAsync(merged, cancellationToken),
                    };
                }
            }
            catch (RejectedFilesException fault) when (plan.Spark is not null)
            {
                throw new NotFromSparkException($"{fault.Files.Count} files of it cannot be read");
            }
            // What Spark left has the changes of many batches, of which functions merge one after the other.
            catch (CdcDmsException fault) when (plan.Spark is not null && fault.Kind is ErrorKind.Parked or ErrorKind.BadData)
            {
                throw new NotFromSparkException($"it was refused ({fault.Message.TrimEnd('.')})");
            }
            catch (RejectedFilesException fault)
            {
                span?.SetTag(PipelineTrace.FilesRejected, fault.Files.Count);
                await RejectAsync(fault, cancellationToken);
                rejected += fault.Files.Count;
            }
            catch (TargetChangedException fault)
            {
                if (++targetChanges == MostTargetChanges)
                    throw new CdcDmsException(
                        ErrorKind.Conflict,
                        $"{session.Table.Source} was not merged: {session.Table.Target} was altered {targetChanges} times while a batch "
                        + "was made ready. Let nobody else alter the table, and run the merge again.",
                        fault);
            }
            finally
            {
                span?.Tag(clock.Ways);
            }

            span?.SetTag(PipelineTrace.GivenUp, true);
            using var phase = clock.Begin(MergePhase.Open);
            await session.PrepareAgainAsync(cancellationToken);
        }
    }

    /// <summary>Looks for the table's files that wait.</summary>
    /// <exception cref="CdcDmsException">The table is parked, or the lake cannot be read.</exception>
    public async Task<WaitingFiles> ListAsync(CancellationToken cancellationToken)
    {
        var record = await session.RecordUnlessParkedAsync(cancellationToken);
        return await new WaitingSearch(lake, session, record, time).RunAsync(cancellationToken);
    }

    /// <returns>The batch, and what it may take.</returns>
    private async Task<(MergePlan Plan, BatchLimits Limits)> ChooseAsync(BatchChoice choice, CancellationToken cancellationToken)
    {
        using var phase = clock.Begin(MergePhase.List);
        var limits = choice.Limits.Within(await session.Ledger.Attempts.BoundAsync(cancellationToken));
        switch (choice)
        {
            case BatchChoice.Planned { Group: var group }:
                await session.RecordUnlessParkedAsync(cancellationToken);
                // Of a group that was tried before, some files may be applied: those are left out.
                return (MergePlan.Of(await session.Ledger.Files.PendingAsync(group.Files, cancellationToken), limits), limits);
            case BatchChoice.Next:
                var waiting = await ListAsync(cancellationToken);
                await RemoveOlderAsync(waiting, cancellationToken);
                return (MergePlan.Next(waiting, session.Table, limits), limits);
            case BatchChoice.OfSpark { Plan: var address }:
                await session.RecordUnlessParkedAsync(cancellationToken);
                var left = await SparkLeft.FindAsync(lake, session, address, cancellationToken);
                return (MergePlan.Of(left, ChangeKind.Of(session.Table), limits), limits);
            default:
                throw new InvalidOperationException($"{choice} is no choice of files.");
        }
    }

    private async Task RemoveOlderAsync(WaitingFiles waiting, CancellationToken cancellationToken)
    {
        var older = new OlderGenerations(session, lake.Lake);
        var outdated = waiting.Complete is { IsMerged: true } complete && await older.OutdateAsync(complete, cancellationToken);
        // Otherwise every batch would read the whole target for nothing.
        if (outdated || waiting.HasOlderRows)
            await older.RemoveAsync(cancellationToken);
    }

    /// <summary>Notes the files that cannot be read.</summary>
    /// <exception cref="CdcDmsException">They are too many (<see cref="ErrorKind.Parked"/>).</exception>
    private async Task RejectAsync(RejectedFilesException fault, CancellationToken cancellationToken)
    {
        foreach (var file in fault.Files)
            if (await session.Ledger.Files.RejectAsync(file.Object, file.Reason, file.Told, cancellationToken) > MostRejectedFiles)
                throw new CdcDmsException(
                    ErrorKind.Parked,
                    $"{session.Table.Source} cannot be merged: more than {MostRejectedFiles} files are rejected; "
                    + $"of the last, {file.Object.Key}, {file.Told}. Replace or remove them.",
                    fault);
    }

    /// <summary>Notes that nothing waits.</summary>
    private async Task<MergeOutput> NothingAsync(MergePlan plan, CancellationToken cancellationToken)
    {
        if (plan.Drains is { } listing)
            await session.Ledger.DrainedAsync(listing, session.Table.MayBeProven, cancellationToken);
        return Output(plan, new RowCounts()) with { FreshUntilUtc = await FreshUntilAsync(plan, cancellationToken) };
    }

    /// <summary>Up to when every change at the source is merged; null while more waits, and of plain files.</summary>
    private async Task<DateTime?> FreshUntilAsync(MergePlan plan, CancellationToken cancellationToken) =>
        plan.Drains is null || session.Table.Feed is not null
            ? null
            : (await DueMarker.NewestAsync(session.Connection, session.Ledger.Id, cancellationToken))?.CommittedUtc;

    private MergeOutput Output(MergePlan plan, AppliedBatch applied) =>
        Output(plan, applied.Rows) with { LastCommitUtc = applied.LastCommitUtc, Ways = clock.Course.Ways };

    private MergeOutput Output(MergePlan plan, RowCounts rows) => new()
    {
        Table = session.Table.Source.ToString(),
        Files = plan.Part is { IsLast: false } ? 0 : plan.Files.Count + plan.Replaced.Count,
        Bytes = plan.Bytes,
        Rows = rows,
        Phases = clock.Course.Phases,
        Attempts = clock.Course.Attempts,
        // After what Spark has left, the files are looked through for others.
        More = plan.More || plan.Spark is not null,
        MoreOfSpark = plan.More && plan.Spark is not null,
    };
}
