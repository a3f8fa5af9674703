using CdcDms.Contract;
using CdcDms.Contract.Changes;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.BinaryCopy;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Quarantine;
using CdcDms.Pipeline.Statements;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Merging;

/// <summary>Merges the groups of a batch, the files of one shape at a time, in the batch's transaction.</summary>
/// <param name="session">The table.</param>
/// <param name="kind">What the files hold.</param>
/// <param name="record">The table's record as it is under the lock.</param>
/// <param name="clock">Measures the phases.</param>
/// <param name="fillsGaps">Whether the rows only fill gaps (<see cref="StagedMerge"/>).</param>
/// <param name="careful">Whether to look for the changes that the target refuses, and to put them aside.</param>
/// <param name="sampledKeys">Keys of each group that are noted for the table's next proof.</param>
internal sealed class GroupMerge(
    TargetSession session, ChangeKind kind, TableRecord record, PhaseClock clock, bool fillsGaps, bool careful, int sampledKeys)
{
    private readonly ChangeQuarantine _quarantine = new(session);
    private LateChanges _lateChanges = new(session, kind, record.PurgeFloor);
    private long _refused;

    /// <summary>Commit time at the source, UTC, of the newest change so far; null when no row had one.</summary>
    public DateTime? LastCommitUtc { get; private set; }

    /// <summary>The newest version so far.</summary>
    public ChangeVersion NewestVersion { get; private set; }

    /// <summary>Merges changes, part by part.</summary>
    /// <param name="changes">The changes.</param>
    /// <param name="goesStraight">Whether they are rows of a first load that <see cref="StraightCopy"/> takes.</param>
    /// <returns>The fate of their rows.</returns>
    /// <exception cref="CdcDmsException">They cannot be merged, or the counts do not balance.</exception>
    /// <exception cref="RejectedFilesException">A file cannot be read.</exception>
    public async Task<RowCounts> RunAsync(ChangeSet changes, bool goesStraight, CancellationToken cancellationToken)
    {
        // The limits are of files with the same columns, which a message can name.
        (_refused, _lateChanges) = (0, new LateChanges(session, kind, record.PurgeFloor));
        LastCommitUtc = Later(LastCommitUtc, changes.LastCommitUtc);
        if (changes.NewestVersion > NewestVersion)
            NewestVersion = changes.NewestVersion;

        var rows = new RowCounts { Read = changes.Read, Superseded = changes.LeftOut };
        rows = rows with { Quarantined = await PutMalformedAsideAsync(changes, cancellationToken) };
        if (changes.Moved > 0)
            rows = rows with { Moved = await LeaveOldKeysAsync(changes, cancellationToken) };
        if (goesStraight)
            return Balanced(changes, rows + new RowCounts { Inserted = await CopyStraightAsync(changes, cancellationToken) });

        // Rows of a feed with one value of its order column are ordered by their place, and a later part has the later places. What has
        // the version of an earlier batch's row besides is of a file that was written anew under its name.
        var sql = Statements(changes.Columns, new StagingForm(IsNumbered: careful, WinsTies: kind is ChangeKind.Feed));
        foreach (var part in Parts)
            rows += await MergePartAsync(changes, part, sql, cancellationToken);
        return Balanced(changes, rows);
    }

    private RowCounts Balanced(ChangeSet changes, RowCounts rows) => rows.Balance()
        ? rows
        : throw new CdcDmsException(
            ErrorKind.BadData,
            $"{session.Table.Source}: {changes.Files} do not balance ({rows}); nothing was applied. Please report this defect.");

    private IEnumerable<ChangePart> Parts =>
        kind is ChangeKind.Stream && session.Target.DeletesGoAlone ? [ChangePart.Deletes, ChangePart.Images] : [ChangePart.All];

    private async Task<long> PutMalformedAsideAsync(ChangeSet changes, CancellationToken cancellationToken)
    {
        if (changes.Malformed == 0)
            return 0;
        using var phase = clock.Begin(MergePhase.Merge);
        var rows = changes.MalformedRows(RefusedChange.MostInBatch);
        if (session.Table.BadRows is BadRowPolicy.Fail)
            throw new CdcDmsException(
                ErrorKind.BadData, $"{changes.Files}: {changes.Malformed} rows cannot be merged; of the first, {rows[0].Fault}.");
        RefuseTooMany(changes, changes.Malformed, rows[0].Fault);
        await _quarantine.AddAsync(changes, rows, cancellationToken);
        return changes.Malformed;
    }

    private MergeSql Statements(IReadOnlyList<StagedColumn> columns, StagingForm form) =>
        new(session.Target, session.Ledger.Tombstones, columns, record, form);

    /// <summary>
    /// Deletes the old keys of rows that got another key, at the version of that change. That is right whatever becomes of the change
    /// itself: refused or superseded, the row is no longer where it was. Where keys may meet, the target tells which moves stay in place.
    /// </summary>
    /// <returns>Rows that were removed.</returns>
    private async Task<long> LeaveOldKeysAsync(ChangeSet changes, CancellationToken cancellationToken)
    {
        var sql = Statements([.. changes.Columns.Where(column => column.Target.IsKey)], new StagingForm(careful, IsOfMoves: true));
        // Rows that cannot be ordered or told apart move nothing.
        if (Reduce(changes, ChangePart.Moves, cancellationToken).Kept == 0)
            return 0;
        await CopyAsync(changes, ChangePart.Moves, sql, all: sql.Staging.KeysMayMeet, cancellationToken);
        using var phase = clock.Begin(MergePhase.Merge);
        var refused = await FindRefusedAsync(sql, inLayers: false, cancellationToken);
        // The change itself is counted with the images.
        if (refused.Count > 0)
            RefuseTooMany(changes, refused.Count, refused[0].Told);
        var merge = new StagedMerge(session, record.Floor, inLayers: false, fillsGaps: false);
        var moved = await merge.ApplyAsync(sql, cancellationToken);
        moved += await RefusedChanges.ApplyMovesAsync(session.Connection, sql, refused, merge, cancellationToken);
        await session.Connection.ExecuteAsync(StagingSql.Drop, cancellationToken);
        return moved.Deleted;
    }

    private async Task<RowCounts> MergePartAsync(ChangeSet changes, ChangePart part, MergeSql sql, CancellationToken cancellationToken)
    {
        var reduced = Reduce(changes, part, cancellationToken);
        var rows = new RowCounts { Superseded = reduced.Superseded };
        while (reduced.Kept > 0)
        {
            await CopyAsync(changes, part, sql, all: reduced.Superseded == 0, cancellationToken);
            var inLayers = session.Target.HasRegisters && (reduced.HasOlder || sql.Staging.KeysMayMeet);
            var (merged, refused) = await MergeStagedAsync(changes, sql, reduced.Kept, inLayers, cancellationToken);
            rows += merged;
            if (refused.Count == 0)
                break;
            // Any batching gives the same rows: where the newest change is refused, the next older one counts, as it would alone.
            reduced = changes.ReduceNextOlder(part, refused.Select(change => change.Place), cancellationToken);
            rows = rows with { Superseded = rows.Superseded - reduced.Kept };
        }

        changes.FollowNone();
        return rows;
    }

    private ReducedChanges Reduce(ChangeSet changes, ChangePart part, CancellationToken cancellationToken)
    {
        using var phase = clock.Begin(MergePhase.Reduce);
        return changes.Reduce(part, cancellationToken);
    }

    private async Task CopyAsync(ChangeSet changes, ChangePart part, MergeSql sql, bool all, CancellationToken cancellationToken)
    {
        using var phase = clock.Begin(MergePhase.Copy);
        await session.Connection.ExecuteAsync(sql.Staging.Create, cancellationToken);
        await RawCopy.RunAsync(
            session.Connection,
            StagingSql.Copy, copy => changes.WriteTo(copy, part, all, numbered: careful, cancellationToken), cancellationToken);
    }

    private async Task<long> CopyStraightAsync(ChangeSet changes, CancellationToken cancellationToken)
    {
        using var phase = clock.Begin(MergePhase.Copy);
        return await StraightCopy.RunAsync(session, changes, sampledKeys, cancellationToken);
    }

    private async Task<(RowCounts Rows, IReadOnlyList<RefusedChange> Refused)> MergeStagedAsync(
        ChangeSet changes, MergeSql sql, long staged, bool inLayers, CancellationToken cancellationToken)
    {
        using var phase = clock.Begin(MergePhase.Merge);
        var merge = new StagedMerge(session, record.Floor, inLayers, fillsGaps) { HasDeletes = changes.Deletes > 0 };
        var refused = await FindRefusedAsync(sql, inLayers, cancellationToken);
        RefuseTooMany(changes, refused);
        await _quarantine.AddAsync(sql, changes, refused, cancellationToken);
        var (late, left) = await _lateChanges.TakeAsync(sql, changes, cancellationToken);
        var rows = await merge.RunAsync(sql, staged - refused.Count - late - left, cancellationToken);
        if (sampledKeys > 0)
            await session.Ledger.Proofs.NoteAsync(sql.Staging.Sample(sampledKeys, staged), cancellationToken);
        await session.Connection.ExecuteAsync(StagingSql.Drop, cancellationToken);
        return (rows with { Quarantined = refused.Count + late, Stale = rows.Stale + left }, refused);
    }

    private async Task<IReadOnlyList<RefusedChange>> FindRefusedAsync(MergeSql sql, bool inLayers, CancellationToken cancellationToken) =>
        careful
            ? await new RefusedChanges(session.Connection, sql).MoveAsync(
                new StagedMerge(session, record.Floor, inLayers, fillsGaps) { IsTrial = true }, cancellationToken)
            : [];

    private void RefuseTooMany(ChangeSet changes, IReadOnlyList<RefusedChange> refused)
    {
        if (refused.Count > 0)
            RefuseTooMany(changes, _refused += refused.Count, refused[0].Told);
    }

    private void RefuseTooMany(ChangeSet changes, long count, string told)
    {
        if (count <= RefusedChange.MostInBatch)
            return;
        var atLeast = careful ? "more than " : "";
        throw new CdcDmsException(
            ErrorKind.Parked,
            $"{session.Table.Source} cannot be merged: "
            + $"of {changes.Files}, {atLeast}{Math.Min(count, RefusedChange.MostInBatch)} rows are refused, "
            + $"which is no accident of single rows; of the first, {told}. Correct the definition or the target.");
    }

    private static DateTime? Later(DateTime? one, DateTime? other) => one > other || other is null ? one : other;
}
