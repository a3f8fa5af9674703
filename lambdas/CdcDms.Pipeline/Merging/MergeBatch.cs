using System.Data;
using CdcDms.Contract;
using CdcDms.Contract.Changes;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Quarantine;
using CdcDms.Pipeline.Spark;
using CdcDms.Pipeline.Targets;
using Npgsql;

namespace CdcDms.Pipeline.Merging;

/// <summary>One batch's transaction: lock, staging, merge, balance, ledger. Either all of it is seen or nothing.</summary>
/// <param name="lake">Where the files come from.</param>
/// <param name="session">The table, over a connection without a transaction.</param>
/// <param name="workspace">Where the files are.</param>
/// <param name="attempt">The batch's note in the ledger, which goes with the commit.</param>
/// <param name="clock">Measures the phases.</param>
/// <param name="sampledKeys">Keys of each group of files that are noted for the table's next proof.</param>
internal sealed class MergeBatch(
    LakeUri lake, TargetSession session, ChangeWorkspace workspace, BatchAttempt attempt, PhaseClock clock, int sampledKeys)
{
    /// <summary>Whether rows that the target refuses may be put aside, as the definition says.</summary>
    public bool MayPutAside => session.Table.BadRows is BadRowPolicy.Quarantine;

    /// <summary>Applies files.</summary>
    /// <param name="batch">Which files, as what.</param>
    /// <param name="seen">The columns that files had when the target was made ready.</param>
    /// <param name="way">How the rows get into the target, where the table allows it.</param>
    /// <returns>Null when another merge has applied one of the files meanwhile, and nothing was done.</returns>
    /// <exception cref="CdcDmsException">The files cannot be applied, or the counts do not balance.</exception>
    /// <exception cref="TargetChangedException">The target is not what it was when the batch was made ready; nothing was done.</exception>
    /// <exception cref="RejectedFilesException">Some of them cannot be read.</exception>
    public async Task<AppliedBatch?> ApplyAsync(
        FittingBatch batch, IReadOnlySet<string> seen, MergeWay way, CancellationToken cancellationToken)
    {
        var (plan, groups) = batch;
        var noted = await NoteAsync(groups, cancellationToken);
        // Full-load rows of the only generation of which the target may hold rows just fill gaps.
        var fillsGaps = plan.Kind is ChangeKind.Snapshot && !session.Target.HasRegisters && noted.Count == 1;
        await using var transaction = await session.Connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
        if (await LockAsync(plan, noted, fillsGaps, cancellationToken) is not { } record)
            return null;
        // Another merge that met a column meanwhile: files that lack the column may need registers now.
        if (!seen.IsSupersetOf(record.SeenColumns.Keys) || !await session.TargetIsUnchangedAsync(cancellationToken))
            throw new TargetChangedException();

        record = await session.PlacedAsync(record, cancellationToken);
        var isFirstLoad = fillsGaps && way is MergeWay.Straight && await IsFirstLoadAsync(record, cancellationToken);
        clock.BeginWay(way is MergeWay.Careful ? MergeWay.Careful : MergeWay.Staged);
        var merge = new GroupMerge(
            session, plan.Kind, record, clock, fillsGaps, way is MergeWay.Careful, session.Table.MayBeProven ? sampledKeys : 0);
        var rows = new RowCounts();
        foreach (var group in groups.Where(group => group.HaveRows))
        {
            var changes = Open(group, plan.Kind, way, cancellationToken);
            var goesStraight = isFirstLoad && changes.FitsTarget;
            if (goesStraight)
                clock.GoStraight();
            rows += await merge.RunAsync(changes, goesStraight, cancellationToken);
            // The files themselves may have more that belongs there, which Spark has left out.
            if (plan.Spark is not null && rows.Quarantined > 0)
                throw new NotFromSparkException("changes of it belong into the quarantine");
        }

        var stale = await CloseSupersededAsync(cancellationToken);
        rows = rows with { Quarantined = rows.Quarantined - stale, Stale = rows.Stale + stale };
        var id = await CommitAsync(transaction, plan, groups, rows, merge.NewestVersion, cancellationToken);
        return id is null ? null : new AppliedBatch(id.Value, rows, merge.LastCommitUtc);
    }

    /// <summary>
    /// Records the generations of the batch before the lock is taken, so that of two batches at the same time at least the second knows of
    /// both generations.
    /// </summary>
    /// <returns>All that are recorded for the table.</returns>
    private Task<IReadOnlySet<int>> NoteAsync(IReadOnlyList<ShapedFiles> groups, CancellationToken cancellationToken) =>
        session.Ledger.Generations.NoteAsync(
            session.Target.Name, [.. groups.Select(group => group.Generation).Distinct()], cancellationToken);

    /// <summary>
    /// Locks the table, and looks whether the batch is still to be applied. Only what is read under the lock stays so.
    /// </summary>
    /// <returns>The table's record as it stays under the lock; null when another merge was faster, or the table was resumed.</returns>
    /// <exception cref="CdcDmsException">The table was parked meanwhile, or filled from another lake.</exception>
    private async Task<TableRecord?> LockAsync(
        MergePlan plan, IReadOnlySet<int> noted, bool fillsGaps, CancellationToken cancellationToken)
    {
        using var phase = clock.Begin(MergePhase.Lock);
        // Batches that only fill gaps may run side by side. All others are alone, and those of a target with registers as well, because
        // even a full-load row may fill a single column.
        await session.Ledger.LockAsync(shared: fillsGaps, cancellationToken);
        await session.RefuseOtherBackendAsync(cancellationToken);
        var record = await session.RecordUnlessParkedAsync(cancellationToken);
        session.RefuseOtherLake(record, lake);
        // Another merge may have brought another generation, or somebody may have dropped the target, with which its generations went.
        var isToBeApplied = noted.SetEquals(record.Generations.Keys)
            && (plan.Drains is null || plan.Drains.Restarts == record.Restarts)
            && await ArePendingAsync(plan, cancellationToken);
        return isToBeApplied ? record : null;
    }

    /// <summary>Whether of the plan's files still is merged what was merged when the plan was made.</summary>
    private async Task<bool> ArePendingAsync(MergePlan plan, CancellationToken cancellationToken)
    {
        var pending = await session.Ledger.Files.PendingAsync(plan.Files, cancellationToken);
        var begun = await session.Ledger.Files.BegunAsync(plan.Files, cancellationToken);
        return pending.Count == plan.Files.Count && begun.Values.Sum() == (plan.Part?.FirstRow ?? 0);
    }

    private ChangeSet Open(ShapedFiles group, ChangeKind kind, MergeWay way, CancellationToken cancellationToken)
    {
        using var phase = clock.Begin(MergePhase.Check);
        return ChangeSet.Open(workspace, group, kind, session.Target, way is MergeWay.Careful, cancellationToken);
    }

    /// <summary>Whether nothing but rows of one full load has been merged into the target, as far as is known without reading it.</summary>
    private async Task<bool> IsFirstLoadAsync(TableRecord record, CancellationToken cancellationToken) =>
        record is { Floor.IsZero: true, PurgeFloor.IsZero: true }
        && record.Generations.All(generation => generation is { Key: > 0, Value: null })
        && !await session.Connection.ScalarAsync<bool>(
            $"SELECT EXISTS (SELECT FROM {Sql.Identifier(session.Ledger.Tombstones)})", cancellationToken);

    /// <summary>Closes the quarantined changes that the merged rows have outdated.</summary>
    /// <returns>Changes of this batch that were put aside but are stale.</returns>
    private async Task<long> CloseSupersededAsync(CancellationToken cancellationToken)
    {
        using var phase = clock.Begin(MergePhase.Merge);
        var quarantine = new ChangeQuarantine(session);
        return await quarantine.HasOpenAsync(cancellationToken) ? await quarantine.CloseSupersededAsync(cancellationToken) : 0;
    }

    /// <summary>Writes the batch into the ledger and commits.</summary>
    /// <returns>The batch's number; null when another merge has applied one of the files meanwhile, and nothing was committed.</returns>
    private async Task<long?> CommitAsync(
        NpgsqlTransaction transaction,
        MergePlan plan,
        IReadOnlyList<ShapedFiles> groups,
        RowCounts rows,
        ChangeVersion newest,
        CancellationToken cancellationToken)
    {
        using var phase = clock.Begin(MergePhase.Commit);
        // Beside us, under the shared lock, another merge may have applied one of the files since they were looked for, and has counted its
        // rows.
        var recorded = plan.Part is { } part
            ? await session.Ledger.Files.RecordPartAsync(plan.Files[0], part, rows, clock.Course, cancellationToken)
            : await session.Ledger.Files.RecordAsync(plan.Files, rows, removed: 0, clock.Course, cancellationToken);
        if (recorded.NewFiles < plan.Files.Count
            || (plan.Replaced is { Count: > 0 } replaced
                && await session.Ledger.Files.AddAsync(recorded.Id, replaced, cancellationToken) < replaced.Count))
            return null;
        if (plan.Drains is { } listing)
        {
            await session.Ledger.DrainedAsync(listing, session.Table.MayBeProven, cancellationToken);
            if (listing.Whole)
                await ForgetTombstonesAsync(newest, cancellationToken);
        }

        // Loads that are merged side by side wait here for each other, so this comes last.
        if (plan.Kind is ChangeKind.Snapshot && session.Table.MayBeProven)
            await session.Ledger.Unproven.LoadedAsync(groups.Select(group => group.Generation), cancellationToken);
        else if (plan.Drains is null && session.Table.MayBeProven)
            await session.Connection.ExecuteTogetherAsync([session.Ledger.Unproven.MarkGeneration], cancellationToken);
        await attempt.CommitAsync(plan.IsFull, cancellationToken);
        await CommitAsync(transaction, cancellationToken);
        return recorded.Id;
    }

    private async Task CommitAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        try
        {
            await transaction.CommitAsync(cancellationToken);
        }
        catch (NpgsqlException fault) when (fault is not PostgresException)
        {
            throw new CdcDmsException(
                ErrorKind.Unavailable,
                $"{session.Table.Source}: the connection to the database was lost while a batch was being committed, "
                + $"so it may be applied or not ({fault.Message.TrimEnd('.')}); run the merge again, which finds out.",
                fault);
        }
    }

    /// <summary>Forgets the tombstones whose retention is over, counted back from the newest change of the batch.</summary>
    private async Task ForgetTombstonesAsync(ChangeVersion newest, CancellationToken cancellationToken)
    {
        var retentionDays = session.Table.TombstoneRetentionDays ?? TableDefinition.DefaultTombstoneRetentionDays;
        if (retentionDays > TimeSpan.MaxValue.Days)
            return;
        var forgotten = newest with { Sequence = newest.Sequence.Before(TimeSpan.FromDays(retentionDays)) };
        if (forgotten > ChangeVersion.FullLoad(newest.Generation))
            await session.Ledger.Generations.ForgetTombstonesAsync(session.Ledger.Tombstones, forgotten, cancellationToken);
    }
}
