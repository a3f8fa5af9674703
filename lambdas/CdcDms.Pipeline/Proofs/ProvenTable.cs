using System.Numerics;
using CdcDms.Contract.Changes;
using CdcDms.Contract.Tables;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Quarantine;
using CdcDms.Pipeline.Targets;
using Npgsql;

namespace CdcDms.Pipeline.Proofs;

/// <summary>A table of which every row is compared, and right or repaired in the end.</summary>
/// <param name="session">The table.</param>
internal sealed class ProvenTable(TargetSession session)
{
    /// <summary>
    /// Begins the comparison: it waits for the merges that run, so that what they bring has either happened before or is seen as later.
    /// </summary>
    public async Task<WholeComparison> BeginAsync(CancellationToken cancellationToken)
    {
        await using var transaction = await LockedAsync(cancellationToken);
        var whole = await session.Ledger.Unproven.BeginAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return whole;
    }

    /// <summary>Records that a comparison found both sides equal.</summary>
    public async Task AreEqualAsync(WholeComparison whole, CancellationToken cancellationToken)
    {
        await using var transaction = await LockedAsync(cancellationToken);
        await EndAsync(whole, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Records that every row is right, in a transaction that holds the table's lock.</summary>
    public async Task EndAsync(WholeComparison whole, CancellationToken cancellationToken)
    {
        if (await session.Ledger.Unproven.EndAsync(whole, cancellationToken))
            await OutdateOlderGenerationsAsync(whole.Generation, cancellationToken);
    }

    // What comes of an older generation from now on is from before the comparison. Nobody has to look for it any more, and it must not
    // bring a row back that was deleted in between. A quarantined change of theirs that is tried again would be stale: it comes first.
    private async Task OutdateOlderGenerationsAsync(int generation, CancellationToken cancellationToken)
    {
        var floor = (BigInteger)ChangeVersion.FullLoad(generation).Value - 1;
        if (generation < 2 || await new ChangeQuarantine(session).HasOpenUpToAsync(floor, cancellationToken))
            return;
        await session.Ledger.OutdateAsync(floor, cancellationToken);
        await session.Connection.ExecuteAsync(
            $"DELETE FROM {Sql.Identifier(session.Ledger.Tombstones)} WHERE {Sql.Identifier(TargetColumns.Version)} <= $1",
            cancellationToken, floor);
    }

    private async Task<NpgsqlTransaction> LockedAsync(CancellationToken cancellationToken)
    {
        var transaction = await session.Connection.BeginTransactionAsync(cancellationToken);
        await session.Ledger.LockAsync(shared: false, cancellationToken);
        await session.RefuseOtherBackendAsync(cancellationToken);
        return transaction;
    }
}
