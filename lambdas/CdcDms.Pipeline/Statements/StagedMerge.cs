using System.Numerics;
using CdcDms.Contract;
using CdcDms.Pipeline.Changes;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;
using Npgsql;

namespace CdcDms.Pipeline.Statements;

/// <summary>Merges what is staged, and tells what became of it.</summary>
/// <param name="connection">A connection in the batch's transaction.</param>
/// <param name="target">The target.</param>
/// <param name="kind">What is staged.</param>
/// <param name="floor">The table's floor.</param>
internal sealed class StagedMerge(NpgsqlConnection connection, TargetTable target, ChangeKind kind, BigInteger floor)
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
        // Something did not apply. What it is gets counted, not subtracted.
        var (unchanged, stale) = await connection.SingleAsync(sql.CountRest, row => (row.GetInt64(0), row.GetInt64(1)), cancellationToken, floor);
        return rows with { Unchanged = unchanged, Stale = stale };
    }

    /// <summary>Merges.</summary>
    /// <returns>What was applied, and what a later staged change of the same key has superseded.</returns>
    public async Task<RowCounts> ApplyAsync(MergeSql sql, CancellationToken cancellationToken)
    {
        var superseded = sql.Staging.KeysMayMeet ? await connection.ExecuteAsync(sql.Staging.Reduce, cancellationToken) : 0;
        // With registers, even a row of version 0 may have something to say to a row that is there.
        var rows = kind is ChangeKind.Snapshot && !target.HasRegisters
            ? new RowCounts { Inserted = await connection.ExecuteAsync(sql.FillGaps, cancellationToken, floor) }
            : await MergeAsync(sql, cancellationToken);
        if (kind is not ChangeKind.Snapshot || target.DeletesGoAlone)
            await connection.ExecuteAsync(sql.DropTombstones, cancellationToken);
        return rows with { Superseded = superseded };
    }

    private async Task<RowCounts> MergeAsync(MergeSql sql, CancellationToken cancellationToken)
    {
        await connection.ExecuteAsync(sql.Staging.Analyze, cancellationToken);
        var deleted = await connection.ExecuteAsync(sql.RaiseTombstones, cancellationToken, floor);
        if (target.SoftDeletes)
            deleted += await connection.ExecuteAsync(sql.MarkDeleted, cancellationToken, floor);
        else
            await connection.ExecuteAsync(sql.DeleteRows, cancellationToken, floor);
        var emptied = sql.EmptyRegisters is { } empty ? await connection.ExecuteAsync(empty, cancellationToken, floor) : 0;
        var (inserted, updated) = await connection.SingleAsync(sql.Upsert, row => (row.GetInt64(0), row.GetInt64(1)), cancellationToken, floor);
        return new RowCounts { Deleted = deleted, Inserted = inserted, Updated = updated + emptied };
    }
}
