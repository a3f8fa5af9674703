using System.Data;
using System.Numerics;
using CdcDms.Contract;
using CdcDms.Contract.Changes;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Quarantine;
using CdcDms.Pipeline.Statements;
using CdcDms.Pipeline.Targets;
using Npgsql;

namespace CdcDms.Pipeline.Merging;

/// <summary>One batch's transaction: lock, staging, merge, balance, ledger. Either all of it is seen or nothing.</summary>
/// <param name="connection">A connection without a transaction.</param>
/// <param name="ledger">The table's part of the ledger.</param>
/// <param name="table">The table.</param>
/// <param name="target">Its target.</param>
/// <param name="workspace">Where the files are.</param>
/// <param name="clock">Measures the phases.</param>
/// <param name="careful">
/// Whether to look for the changes that the target refuses, and to put them aside. It merges everything at least twice, so only a batch
/// that has failed is merged with care.
/// </param>
internal sealed class MergeBatch(
    NpgsqlConnection connection, TableLedger ledger, TableDefinition table, TargetTable target, ChangeWorkspace workspace, PhaseClock clock, bool careful)
{
    private readonly ChangeQuarantine _quarantine = new(connection, ledger, target);
    private ChangeVersion _newestVersion;

    /// <summary>Commit time at the source, UTC, of the newest change applied.</summary>
    public DateTime? LastCommitUtc { get; private set; }

    /// <summary>Applies the files of a plan.</summary>
    /// <returns>
    /// The fate of their rows; null when another merge has applied one of the files or changed the target meanwhile, and nothing was done.
    /// </returns>
    /// <exception cref="CdcDmsException">The files cannot be applied, or the counts do not balance.</exception>
    /// <exception cref="RejectedFilesException">Some of them cannot be read.</exception>
    public async Task<RowCounts?> ApplyAsync(MergePlan plan, IReadOnlyList<ShapedFiles> groups, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
        // Rows of version 0 only fill gaps, so such batches may run side by side; all others are alone, also where a gap may be a single register.
        await ledger.LockAsync(shared: plan.Kind is ChangeKind.Snapshot && !target.HasRegisters, cancellationToken);
        var record = await ledger.ReadAsync(cancellationToken);
        if (plan.Kind is ChangeKind.Generation { Version: var version }
            ? record.Generation >= version
            : (await ledger.Files.PendingAsync(plan.Files, cancellationToken)).Count < plan.Files.Count)
            return null;
        var now = await TargetTable.FindAsync(connection, table, cancellationToken);
        if (now.HasRegisters != target.HasRegisters || !now.Columns.SequenceEqual(target.Columns))
            return null;

        var rows = new RowCounts();
        foreach (var group in groups)
            rows += await MergeAsync(ChangeSet.Open(workspace, group, plan.Kind, target, readsText: careful, cancellationToken), plan.Kind, record, cancellationToken);
        var removed = plan.Kind is ChangeKind.Generation generation
            ? await new GenerationSwap(connection, ledger, table, target).FinishAsync(generation.Version, plan.ManifestRows, rows, cancellationToken)
            : 0;
        if (await _quarantine.HasOpenAsync(cancellationToken))
        {
            var outdated = await _quarantine.CloseSupersededAsync(cancellationToken);
            rows = rows with { Quarantined = rows.Quarantined - outdated, Stale = rows.Stale + outdated };
        }

        // Beside us, under the shared lock, another merge may have applied one of the files since they were looked for: it has counted its rows.
        // (A generation's files may have been applied before as what they are to a merge that has no manifest.)
        if (await ledger.Files.RecordAsync(plan.Files, rows, removed, cancellationToken) < plan.Files.Count && plan.Kind is not ChangeKind.Generation)
            return null;
        if (plan.Drains is { } listing)
        {
            await ledger.DrainedAsync(listing, cancellationToken);
            if (listing.Whole)
                await ForgetAsync(cancellationToken);
        }

        await CommitAsync(transaction, cancellationToken);
        clock.Merged();
        return rows;
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
                $"{table.Source}: the connection to the database was lost while a batch was being committed, so it may be applied or not ({fault.Message.TrimEnd('.')}); run the merge again, which finds out.",
                fault);
        }
    }

    /// <summary>Merges changes, part by part.</summary>
    private async Task<RowCounts> MergeAsync(ChangeSet changes, ChangeKind kind, TableRecord record, CancellationToken cancellationToken)
    {
        if (changes.LastCommitUtc is { } newest && !(newest < LastCommitUtc))
            LastCommitUtc = newest;
        if (changes.NewestVersion > _newestVersion)
            _newestVersion = changes.NewestVersion;
        var rows = new RowCounts { Read = changes.Read, Quarantined = await PutMalformedAsideAsync(changes, kind, cancellationToken) };
        ChangePart[] parts = kind is ChangeKind.Stream && target.DeletesGoAlone ? [ChangePart.Deletes, ChangePart.Images] : [ChangePart.All];
        var sql = new MergeSql(target, ledger.Tombstones, changes.Columns, record.SeenColumns.Keys);
        foreach (var part in parts)
            rows += await MergePartAsync(changes, part, sql, kind, record, cancellationToken);
        return rows.Balance()
            ? rows
            : throw new CdcDmsException(ErrorKind.BadData, $"{table.Source}: {changes.Files} do not balance ({rows}); nothing was applied. Please report this defect.");
    }

    private async Task<long> PutMalformedAsideAsync(ChangeSet changes, ChangeKind kind, CancellationToken cancellationToken)
    {
        if (changes.Malformed == 0)
            return 0;
        var rows = changes.MalformedRows(ChangeQuarantine.MostInBatch);
        if (kind is ChangeKind.Generation || table.BadRows is BadRowPolicy.Fail)
            throw new CdcDmsException(ErrorKind.BadData, $"{changes.Files}: {changes.Malformed} rows cannot be merged; of the first, {rows[0].Fault}.");
        RefuseTooMany(changes, changes.Malformed, rows[0].Fault);
        await _quarantine.AddAsync(changes, rows, cancellationToken);
        return changes.Malformed;
    }

    private async Task<RowCounts> MergePartAsync(
        ChangeSet changes, ChangePart part, MergeSql sql, ChangeKind kind, TableRecord record, CancellationToken cancellationToken)
    {
        var (kept, superseded) = changes.Reduce(part, cancellationToken);
        clock.Reduced();
        if (kept == 0)
            return new RowCounts();
        await connection.ExecuteAsync(sql.Staging.Create, cancellationToken);
        await CopyAsync(changes, part, all: superseded == 0, cancellationToken);
        clock.Copied();

        var merge = new StagedMerge(connection, target, kind, record.Floor);
        var refused = careful ? await new RefusedChanges(connection, sql).MoveAsync(merge, cancellationToken) : [];
        if (refused.Count > 0)
        {
            RefuseTooMany(changes, refused.Count, refused[0].Error);
            await _quarantine.AddAsync(sql, changes, refused, cancellationToken);
        }

        var late = record.PurgeFloor > 0 ? await _quarantine.MoveLateAsync(sql, changes, record.PurgeFloor, cancellationToken) : 0;
        var rows = await merge.RunAsync(sql, kept - refused.Count - late, cancellationToken);
        await connection.ExecuteAsync(StagingSql.Drop, cancellationToken);
        clock.Merged();
        return rows with { Superseded = rows.Superseded + superseded, Quarantined = refused.Count + late };
    }

    private async Task CopyAsync(ChangeSet changes, ChangePart part, bool all, CancellationToken cancellationToken)
    {
        await using var copy = await connection.BeginRawBinaryCopyAsync(StagingSql.Copy, cancellationToken);
        try
        {
            changes.WriteTo(copy, part, all, cancellationToken);
        }
        catch (Exception fault) when (fault is not NpgsqlException)
        {
            // Disposing would end the COPY as if it were whole, and PostgreSQL's complaint about that would hide the fault.
            await copy.CancelAsync();
            throw;
        }
    }

    /// <summary>Forgets the tombstones whose retention is over.</summary>
    private async Task ForgetAsync(CancellationToken cancellationToken)
    {
        var forgotten = _newestVersion.Before(TimeSpan.FromDays(table.TombstoneRetentionDays ?? TableDefinition.DefaultTombstoneRetentionDays));
        if (forgotten > ChangeVersion.Snapshot)
            await ledger.ForgetTombstonesAsync((BigInteger)forgotten.Value, cancellationToken);
    }

    private void RefuseTooMany(ChangeSet changes, long count, string fault)
    {
        if (count > ChangeQuarantine.MostInBatch)
            throw new CdcDmsException(
                ErrorKind.Parked,
                $"{table.Source} cannot be merged: of {changes.Files}, {(careful ? "more than " : "")}{Math.Min(count, ChangeQuarantine.MostInBatch)} rows are refused, which is no accident of single rows; of the first, {fault}. Correct the definition or the target.");
    }
}
