using System.Numerics;
using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Statements;

/// <summary>The second half of swapping in a complete generation, in the transaction that has merged its rows.</summary>
internal sealed class GenerationSwap(TargetSession session)
{
    private static readonly string Version = Sql.Identifier(TargetColumns.Version);
    private static readonly string DeleteVersion = Sql.Identifier(TargetColumns.DeleteVersion);

    /// <summary>
    /// Removes the rows that the generation does not have and no later change has touched. Changes at or below its version are stale from
    /// now on.
    /// </summary>
    /// <param name="version">The generation's version.</param>
    /// <param name="promisedRows">Rows that its manifest promises.</param>
    /// <param name="rows">The fate of those that were merged.</param>
    /// <returns>Rows that were removed.</returns>
    /// <exception cref="CdcDmsException">The generation is not complete, or older than deletes that are forgotten.</exception>
    public async Task<long> FinishAsync(BigInteger version, long? promisedRows, RowCounts rows, CancellationToken cancellationToken)
    {
        if (rows.Read != promisedRows)
            throw Incomplete(
                $"the manifest of generation {version} promises {promisedRows} rows but its files hold {rows.Read}");
        if (rows.Quarantined > 0)
            throw Incomplete(
                $"generation {version} is older than deletes that are forgotten, so {rows.Quarantined} of its rows may be deleted since");
        var removed = await session.Connection.ExecuteAsync(RemoveAbsent, cancellationToken, version);
        if (session.Target.HasRegisters && RegisterSql.EmptiedByGeneration(session.Target) is { } empty)
            await session.Connection.ExecuteAsync(empty, cancellationToken, version);
        await session.Connection.ExecuteAsync(
            $"DELETE FROM {Sql.Identifier(session.Ledger.Tombstones)} WHERE {Version} <= $1", cancellationToken, version);
        await session.Ledger.RaiseFloorAsync(version, cancellationToken);
        return removed;
    }

    // Every row that the generation has is at its version by now, or above it.
    private string RemoveAbsent => session.Target.SoftDeletes
        ? $"UPDATE {Target} SET {DeleteVersion} = $1 WHERE {Version} < $1 AND {DeleteVersion} IS NULL"
        : $"DELETE FROM {Target} WHERE {Version} < $1";

    private string Target => Sql.Identifier(session.Target.Name);

    private CdcDmsException Incomplete(string why) =>
        new(ErrorKind.BadData, $"{session.Table.Source}: {why}; take a new snapshot.");
}
