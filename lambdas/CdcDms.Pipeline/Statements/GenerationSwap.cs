using System.Numerics;
using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;
using Npgsql;

namespace CdcDms.Pipeline.Statements;

/// <summary>The second half of swapping in a complete generation, in the transaction that has merged its rows.</summary>
internal sealed class GenerationSwap(NpgsqlConnection connection, TableLedger ledger, TableDefinition table, TargetTable target)
{
    private static readonly string Version = Sql.Identifier(TargetColumns.Version);
    private static readonly string DeleteVersion = Sql.Identifier(TargetColumns.DeleteVersion);

    /// <summary>Removes what the generation does not have and no later change has touched; whatever is not above it is stale from now on.</summary>
    /// <param name="version">The generation's version.</param>
    /// <param name="promisedRows">Rows that its manifest promises.</param>
    /// <param name="rows">The fate of those that were merged.</param>
    /// <returns>Rows that were removed.</returns>
    /// <exception cref="CdcDmsException">The generation is not complete, or older than deletes that are forgotten.</exception>
    public async Task<long> FinishAsync(BigInteger version, long? promisedRows, RowCounts rows, CancellationToken cancellationToken)
    {
        if (rows.Read != promisedRows)
            throw new CdcDmsException(
                ErrorKind.BadData, $"{table.Source}: the manifest of generation {version} promises {promisedRows} rows but its files hold {rows.Read}; take a new snapshot.");
        if (rows.Quarantined > 0)
            throw new CdcDmsException(
                ErrorKind.BadData, $"{table.Source}: generation {version} is older than deletes that are forgotten, so {rows.Quarantined} of its rows may be deleted since; take a new snapshot.");
        var removed = await connection.ExecuteAsync(RemoveAbsent, cancellationToken, version);
        await connection.ExecuteAsync($"DELETE FROM {Sql.Identifier(ledger.Tombstones)} WHERE {Version} <= $1", cancellationToken, version);
        await ledger.RaiseFloorAsync(version, cancellationToken);
        return removed;
    }

    // Whatever the generation has is at its version by now.
    private string RemoveAbsent => target.SoftDeletes
        ? $"UPDATE {Sql.Identifier(target.Name)} SET {DeleteVersion} = $1 WHERE {Version} < $1 AND {DeleteVersion} IS NULL"
        : $"DELETE FROM {Sql.Identifier(target.Name)} WHERE {Version} < $1";
}
