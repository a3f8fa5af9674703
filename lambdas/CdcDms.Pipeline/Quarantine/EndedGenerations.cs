using System.Numerics;
using CdcDms.Contract.Lake;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Quarantine;

/// <summary>What waits or is remembered of generations that a newer one has outdated, besides their rows.</summary>
internal static class EndedGenerations
{
    /// <summary>
    /// Forgets their deletes and their rejected files, and closes their quarantined changes, in the transaction that has raised the floor.
    /// </summary>
    /// <param name="session">The table.</param>
    /// <param name="record">The table's record.</param>
    /// <param name="lake">The lake of their files; null when the target has none.</param>
    /// <param name="generation">The newer generation.</param>
    /// <param name="floor">The raised floor.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task EndAsync(
        TargetSession session, TableRecord record, LakeUri? lake, int generation, BigInteger floor, CancellationToken cancellationToken)
    {
        await session.Connection.ExecuteAsync(
            $"DELETE FROM {Sql.Identifier(session.Ledger.Tombstones)} WHERE {Sql.Identifier(TargetColumns.Version)} <= $1",
            cancellationToken, floor);
        foreach (var older in record.Generations.Keys.Where(older => older > 0 && older < generation && lake is not null))
            await session.Ledger.Files.ForgetRejectedAsync(lake!.TablePrefix(session.Table.Source, older), cancellationToken);
        await new ChangeQuarantine(session).CloseSupersededAsync(cancellationToken);
    }
}
