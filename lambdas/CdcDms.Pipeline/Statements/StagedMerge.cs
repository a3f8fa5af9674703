using System.Numerics;
using CdcDms.Contract;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Statements;

/// <summary>Merges what is staged, and tells what became of it.</summary>
/// <param name="session">The table, over a connection in the batch's transaction.</param>
/// <param name="floor">The table's floor.</param>
/// <param name="inLayers">
/// Whether several changes of one key may be staged, each of which may have a word to say. They are merged one after the other.
/// </param>
/// <param name="fillsGaps">Whether the staged rows only fill gaps: no row of the target can be older than they are.</param>
internal sealed class StagedMerge(TargetSession session, BigInteger floor, bool inLayers, bool fillsGaps)
{
    /// <summary>Whether a staged change may be a delete.</summary>
    public bool HasDeletes { get; init; } = true;

    /// <summary>Whether to find out only what the target refuses; what is applied then must be rolled back.</summary>
    public bool IsTrial { get; init; }

    /// <summary>Merges, and counts every staged change one by one.</summary>
    /// <param name="sql">The statements.</param>
    /// <param name="staged">How many changes are staged.</param>
    /// <returns>Their fates; what is read is not counted here.</returns>
    public async Task<RowCounts> RunAsync(MergeSql sql, long staged, CancellationToken cancellationToken) =>
        await HasLayersAsync(sql, cancellationToken)
            ? await LayerByLayerAsync(sql, count => CountedAsync(sql, count, cancellationToken), cancellationToken)
            : await CountedAsync(sql, staged, cancellationToken);

    /// <summary>Merges.</summary>
    /// <returns>What was applied, and what a later staged change of the same key has superseded.</returns>
    public async Task<RowCounts> ApplyAsync(MergeSql sql, CancellationToken cancellationToken) =>
        await HasLayersAsync(sql, cancellationToken)
            ? await LayerByLayerAsync(sql, _ => AppliedAsync(sql, cancellationToken), cancellationToken)
            : await AppliedAsync(sql, cancellationToken);

    private async Task<bool> HasLayersAsync(MergeSql sql, CancellationToken cancellationToken) =>
        inLayers && await session.Connection.ScalarAsync<bool>(sql.Staging.HasLayers, cancellationToken);

    private async Task<RowCounts> LayerByLayerAsync(MergeSql sql, Func<long, Task<RowCounts>> merge, CancellationToken cancellationToken)
    {
        await session.Connection.ExecuteAsync(sql.Staging.SplitIntoLayers, cancellationToken);
        var layers = await session.Connection.ScalarAsync<long>(StagingSql.CountLayers, cancellationToken);
        var rows = new RowCounts();
        for (var layer = 1L; layer <= layers; layer++)
        {
            await session.Connection.ExecuteAsync(StagingSql.Empty, cancellationToken);
            rows += await merge(await session.Connection.ExecuteAsync(sql.Staging.StageLayer(layer), cancellationToken));
        }

        await session.Connection.ExecuteAsync(StagingSql.DropLayers, cancellationToken);
        return rows;
    }

    private async Task<RowCounts> CountedAsync(MergeSql sql, long staged, CancellationToken cancellationToken)
    {
        var rows = await AppliedAsync(sql, cancellationToken);
        if ((rows with { Read = staged }).Balance())
            return rows;
        // Some changes did not apply. They are counted by their reason: a difference would hide a fault.
        var (unchanged, stale) = await TwoCountsAsync(sql.CountRest, cancellationToken);
        return rows with { Unchanged = unchanged, Stale = stale };
    }

    private async Task<RowCounts> AppliedAsync(MergeSql sql, CancellationToken cancellationToken)
    {
        if (sql.Staging.DropMovesInPlace is { } dropInPlace)
            await session.Connection.ExecuteAsync(dropInPlace, cancellationToken);
        var reduces = sql.Staging.KeysMayMeet && !inLayers;
        var superseded = reduces ? await session.Connection.ExecuteAsync(sql.Staging.Reduce, cancellationToken) : 0;
        var rows = fillsGaps
            ? new RowCounts { Inserted = await session.Connection.ExecuteAsync(sql.FillGaps, cancellationToken, floor) }
            : await MergeAsync(sql, cancellationToken);
        if (!fillsGaps || session.Target.DeletesGoAlone)
            await session.Connection.ExecuteAsync(sql.DropTombstones, cancellationToken);
        return rows with { Superseded = superseded };
    }

    private async Task<RowCounts> MergeAsync(MergeSql sql, CancellationToken cancellationToken)
    {
        await session.Connection.ExecuteAsync(sql.Staging.Analyze, cancellationToken);
        var (deleted, emptied) = HasDeletes ? await DeleteAsync(sql, cancellationToken) : (0, 0);
        var (inserted, updated, gone) = await session.Connection.SingleAsync(
            IsTrial ? sql.TrialUpsert : sql.Upsert, row => (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)), cancellationToken, floor);
        if (gone > 0)
            throw new CdcDmsException(
                ErrorKind.Conflict,
                $"{session.Table.Source} was not merged into {session.Table.Target}: while the changes were written, something else "
                + $"deleted {gone} of their rows there; nothing was applied, run the merge again.");
        return new RowCounts { Deleted = deleted, Inserted = inserted, Updated = updated + emptied };
    }

    private async Task<(long Deleted, long Emptied)> DeleteAsync(MergeSql sql, CancellationToken cancellationToken)
    {
        var deleted = await session.Connection.ExecuteAsync(sql.RaiseTombstones, cancellationToken, floor);
        if (session.Target.SoftDeletes)
            deleted += await session.Connection.ExecuteAsync(sql.MarkDeleted, cancellationToken, floor);
        else
            await session.Connection.ExecuteAsync(sql.DeleteRows, cancellationToken, floor);
        var emptied = sql.EmptyRegisters is { } empty ? await session.Connection.ExecuteAsync(empty, cancellationToken, floor) : 0;
        return (deleted, emptied);
    }

    private Task<(long, long)> TwoCountsAsync(string statement, CancellationToken cancellationToken) =>
        session.Connection.SingleAsync(statement, row => (row.GetInt64(0), row.GetInt64(1)), cancellationToken, floor);
}
