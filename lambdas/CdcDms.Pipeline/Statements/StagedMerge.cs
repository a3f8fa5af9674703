using System.Numerics;
using CdcDms.Contract;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Statements;

/// <summary>Merges what is staged, and tells what became of it.</summary>
/// <param name="session">The table, over a connection in the batch's transaction.</param>
/// <param name="kind">What is staged.</param>
/// <param name="floor">The table's floor.</param>
internal sealed class StagedMerge(TargetSession session, ChangeKind kind, BigInteger floor)
{
    /// <summary>Merges, and counts every staged change one by one.</summary>
    /// <param name="sql">The statements.</param>
    /// <param name="staged">How many changes are staged.</param>
    /// <returns>Their fates; what is read is not counted here.</returns>
    public async Task<RowCounts> RunAsync(MergeSql sql, long staged, CancellationToken cancellationToken)
    {
        var rows = await ApplyAsync(sql, cancellationToken);
        if ((rows with { Read = staged }).Balance())
            return rows;
        // Some changes did not apply. They are counted by their reason: a difference would hide a fault.
        var (unchanged, stale) = await TwoCountsAsync(sql.CountRest, cancellationToken);
        return rows with { Unchanged = unchanged, Stale = stale };
    }

    /// <summary>Merges.</summary>
    /// <returns>What was applied, and what a later staged change of the same key has superseded.</returns>
    public async Task<RowCounts> ApplyAsync(MergeSql sql, CancellationToken cancellationToken)
    {
        var superseded = sql.Staging.KeysMayMeet ? await session.Connection.ExecuteAsync(sql.Staging.Reduce, cancellationToken) : 0;
        // With registers, even a row of version 0 may have something to say to a row that is there.
        var rows = kind is ChangeKind.Snapshot && !session.Target.HasRegisters
            ? new RowCounts { Inserted = await session.Connection.ExecuteAsync(sql.FillGaps, cancellationToken, floor) }
            : await MergeAsync(sql, cancellationToken);
        if (kind is not ChangeKind.Snapshot || session.Target.DeletesGoAlone)
            await session.Connection.ExecuteAsync(sql.DropTombstones, cancellationToken);
        return rows with { Superseded = superseded };
    }

    private async Task<RowCounts> MergeAsync(MergeSql sql, CancellationToken cancellationToken)
    {
        await session.Connection.ExecuteAsync(sql.Staging.Analyze, cancellationToken);
        var deleted = await session.Connection.ExecuteAsync(sql.RaiseTombstones, cancellationToken, floor);
        if (session.Target.SoftDeletes)
            deleted += await session.Connection.ExecuteAsync(sql.MarkDeleted, cancellationToken, floor);
        else
            await session.Connection.ExecuteAsync(sql.DeleteRows, cancellationToken, floor);
        var emptied = sql.EmptyRegisters is { } empty ? await session.Connection.ExecuteAsync(empty, cancellationToken, floor) : 0;
        var (inserted, updated) = await TwoCountsAsync(sql.Upsert, cancellationToken);
        return new RowCounts { Deleted = deleted, Inserted = inserted, Updated = updated + emptied };
    }

    private Task<(long, long)> TwoCountsAsync(string statement, CancellationToken cancellationToken) =>
        session.Connection.SingleAsync(statement, row => (row.GetInt64(0), row.GetInt64(1)), cancellationToken, floor);
}
