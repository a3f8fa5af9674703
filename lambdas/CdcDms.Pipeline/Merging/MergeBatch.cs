using System.Data;
using System.Numerics;
using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Target;
using Npgsql;

namespace CdcDms.Pipeline.Merging;

/// <summary>One batch's transaction: lock, staging, merge, balance, ledger. Either all of it is seen or nothing.</summary>
internal sealed class MergeBatch(
    NpgsqlConnection connection, TableLedger ledger, TableName source, TargetTable target, ChangeWorkspace workspace, PhaseClock clock)
{
    /// <summary>Commit time at the source, UTC, of the newest change applied.</summary>
    public DateTime? LastCommitUtc { get; private set; }

    /// <summary>Applies the files of a plan.</summary>
    /// <returns>The fate of their rows; null when another merge has applied one of the files meanwhile, and nothing was done.</returns>
    /// <exception cref="CdcDmsException">The files cannot be applied, or the counts do not balance.</exception>
    public async Task<RowCounts?> ApplyAsync(MergePlan plan, IReadOnlyList<FetchedFile> files, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellation);
        // Rows of version 0 only fill gaps, so such batches may run side by side; all others are alone.
        await ledger.LockAsync(shared: plan.Kind is ChangeKind.Snapshot, cancellation);
        var record = await ledger.ReadAsync(cancellation);
        if (plan.Kind is ChangeKind.Generation { Version: var version }
            ? record.Generation >= version
            : (await ledger.PendingAsync(plan.Files, cancellation)).Count < plan.Files.Count)
            return null;

        var (rows, removed) = plan.Kind is ChangeKind.Generation generation
            ? await SwapAsync(generation, plan.ManifestRows, files, record, cancellation)
            : (await MergeGroupsAsync(plan.Kind, files, record, cancellation), 0);

        // Beside us, under the shared lock, another merge may have applied one of the files since they were looked for: it has counted its rows.
        // (A generation's files may have been applied before as what they are to a merge that has no manifest.)
        if (await ledger.RecordAsync(plan.Files, rows, removed, cancellation) < plan.Files.Count && plan.Kind is not ChangeKind.Generation)
            return null;
        if (plan.Drains is { } listing)
            await ledger.DrainedAsync(listing, cancellation);
        await transaction.CommitAsync(cancellation);
        clock.Merged();
        return rows;
    }

    private async Task<RowCounts> MergeGroupsAsync(
        ChangeKind kind, IReadOnlyList<FetchedFile> files, TableRecord record, CancellationToken cancellation)
    {
        var rows = new RowCounts();
        foreach (var group in workspace.GroupByColumns(files))
        {
            var changes = ChangeSet.Open(workspace.Connection, group, kind, target, cancellation);
            rows += await MergeAsync(changes, kind, group, record, cancellation);
            await connection.ExecuteAsync(MergeSql.DropStaging, cancellation);
        }

        return rows;
    }

    /// <summary>Merges a complete generation and removes what it does not have; whatever is not above it is stale from now on.</summary>
    private async Task<(RowCounts Rows, long Removed)> SwapAsync(
        ChangeKind.Generation generation, long? promisedRows, IReadOnlyList<FetchedFile> files, TableRecord record, CancellationToken cancellation)
    {
        var rows = new RowCounts();
        var remove = MergeSql.RemoveAll(target);
        if (files.Count > 0)
        {
            var changes = ChangeSet.Open(workspace.Connection, files, generation, target, cancellation);
            rows = await MergeAsync(changes, generation, files, record, cancellation);
            remove = Statements(changes).RemoveAbsent;
        }

        if (rows.Read != promisedRows)
            throw new CdcDmsException(
                ErrorKind.BadData, $"{source}: the manifest of generation {generation.Version} promises {promisedRows} rows but its files hold {rows.Read}; take a new snapshot.");
        var removed = await connection.ExecuteAsync(remove, cancellation, generation.Version);
        await connection.ExecuteAsync(MergeSql.PurgeTombstones(ledger.Tombstones), cancellation, generation.Version);
        await ledger.RaiseFloorAsync(generation.Version, cancellation);
        return (rows, removed);
    }

    /// <summary>Stages and merges changes; the staging table stays.</summary>
    private async Task<RowCounts> MergeAsync(
        ChangeSet changes, ChangeKind kind, IReadOnlyList<FetchedFile> files, TableRecord record, CancellationToken cancellation)
    {
        if (changes.LastCommitUtc is { } newest && !(newest < LastCommitUtc))
            LastCommitUtc = newest;
        clock.Reduced();
        var sql = Statements(changes);
        await connection.ExecuteAsync(sql.CreateStaging, cancellation);
        await using (var copy = await connection.BeginRawBinaryCopyAsync(MergeSql.Copy, cancellation))
        {
            try
            {
                changes.WriteTo(copy, files, cancellation);
            }
            catch (Exception fault) when (fault is not NpgsqlException)
            {
                // Disposing would end the COPY as if it were whole, and PostgreSQL's complaint about that would hide the fault.
                await copy.CancelAsync();
                throw;
            }
        }

        clock.Copied();
        var again = sql.KeysMayMeet ? await connection.ExecuteAsync(sql.ReduceStaging, cancellation) : 0;
        var rows = await ApplyStagedAsync(sql, kind, record.Floor, cancellation);
        rows = rows with { Read = changes.Read, Superseded = changes.Superseded + again };
        if (!rows.Balance())
        {
            // Something did not apply. What it is gets counted, not subtracted.
            var (unchanged, stale) = await connection.SingleAsync(
                sql.CountRest, row => (row.GetInt64(0), row.GetInt64(1)), cancellation, record.Floor);
            rows = rows with { Unchanged = unchanged, Stale = stale };
        }

        clock.Merged();
        return rows.Balance()
            ? rows
            : throw new CdcDmsException(
                ErrorKind.BadData, $"{source}: the batch from {files[0].Object.Key} to {files[^1].Object.Key} does not balance ({rows}); nothing was applied. Please report this defect.");
    }

    private async Task<RowCounts> ApplyStagedAsync(MergeSql sql, ChangeKind kind, BigInteger floor, CancellationToken cancellation)
    {
        if (kind is ChangeKind.Snapshot)
            return new RowCounts { Inserted = await connection.ExecuteAsync(sql.FillGaps, cancellation, floor) };

        await connection.ExecuteAsync(sql.AnalyzeStaging, cancellation);
        var deleted = await connection.ExecuteAsync(sql.RaiseTombstones, cancellation, floor);
        await connection.ExecuteAsync(sql.DeleteRows, cancellation, floor);
        var (inserted, updated) = await connection.SingleAsync(sql.Upsert, row => (row.GetInt64(0), row.GetInt64(1)), cancellation, floor);
        await connection.ExecuteAsync(sql.DropTombstones, cancellation);
        return new RowCounts { Deleted = deleted, Inserted = inserted, Updated = updated };
    }

    private MergeSql Statements(ChangeSet changes) => new(target, ledger.Tombstones, changes.Columns);
}
