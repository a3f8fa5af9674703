using System.Data;
using System.Numerics;
using CdcDms.Contract;
using CdcDms.Contract.Changes;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Quarantine;
using CdcDms.Pipeline.Statements;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Merging;

/// <summary>
/// Rows that older generations have left in a target. They go when a newer generation has a manifest and its full load is merged whole: a
/// row that the load does not have was deleted at the source. Rows from before all generations stay.
/// </summary>
internal sealed class OlderGenerations(TargetSession session, LakeUri lake)
{
    // A statement that takes long may be ended each time, and then nothing else would ever be merged.
    private const int MostRowsAtOnce = 100_000;

    private static readonly string Version = Sql.Identifier(TargetColumns.Version);
    private static readonly string DeleteVersion = Sql.Identifier(TargetColumns.DeleteVersion);

    /// <summary>
    /// Outdates the generations below a complete one: whatever comes of them from now on is stale. Not while a row of its own load is in
    /// the quarantine, or one of which nobody knows whose it is: it would be taken for deleted.
    /// </summary>
    /// <param name="complete">The complete generation.</param>
    /// <returns>Whether they were outdated by this, so that rows of theirs may be left.</returns>
    public async Task<bool> OutdateAsync(CompleteGeneration complete, CancellationToken cancellationToken)
    {
        await using var transaction = await session.Connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
        var record = await LockAsync(cancellationToken);
        var floor = (BigInteger)ChangeVersion.FullLoad(complete.Number).Value;
        // The target may have been made anew since the files were looked for.
        if (record.Floor >= floor || (await session.Ledger.Files.UnmergedAsync(complete.Load, cancellationToken)).Count > 0
            || await new ChangeQuarantine(session).HasOpenAsync(floor, cancellationToken))
            return false;
        if (session.Target.HasRegisters && new EmptiedRegisters(session.Target, record.RegisterPlaces).ByGeneration() is { } empty)
            await session.Connection.ExecuteAsync(empty, cancellationToken, floor);
        await session.Ledger.Generations.RaiseFloorAsync(floor, cancellationToken);
        await EndedGenerations.EndAsync(session, record, lake, complete.Number, floor, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>
    /// Removes the rows of outdated generations, so many at once that a part is done whenever this ends. Another merge may have removed
    /// them since this one looked, and a proof may have raised the floor over rows that are right.
    /// </summary>
    public async Task RemoveAsync(CancellationToken cancellationToken)
    {
        long removed;
        do
        {
            await using var transaction = await session.Connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
            var record = await LockAsync(cancellationToken);
            if (!record.HasOlderRows)
                return;
            removed = await session.Connection.ExecuteAsync(
                RemoveOlder, cancellationToken, record.Floor, (BigInteger)ChangeVersion.FullLoad(1).Value);
            if (removed > 0)
                await session.Ledger.Files.RecordAsync([], new RowCounts(), removed, course: null, cancellationToken);
            if (removed < MostRowsAtOnce)
                await session.Ledger.Generations.OlderRowsAreGoneAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        while (removed == MostRowsAtOnce);
    }

    private async Task<TableRecord> LockAsync(CancellationToken cancellationToken)
    {
        await session.Ledger.LockAsync(shared: false, cancellationToken);
        await session.RefuseOtherBackendAsync(cancellationToken);
        return await session.Ledger.ReadAsync(cancellationToken);
    }

    private string RemoveOlder => session.Target.SoftDeletes
        ? $"{Older($" AND {DeleteVersion} IS NULL")} UPDATE {Target} t SET {DeleteVersion} = $1 FROM older WHERE {IsOlder}"
        : $"{Older("")} DELETE FROM {Target} t USING older WHERE {IsOlder}";

    private const string IsOlder = "t.tableoid = older.tableoid AND t.ctid = older.ctid";

    private string Older(string condition) =>
        $"WITH older AS (SELECT tableoid, ctid FROM {Target} WHERE {Version} < $1 AND {Version} >= $2{condition} LIMIT {MostRowsAtOnce})";

    private string Target => Sql.Identifier(session.Target.Name);
}
