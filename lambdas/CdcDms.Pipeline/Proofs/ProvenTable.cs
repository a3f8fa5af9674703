using System.Numerics;
using CdcDms.Contract.Changes;
using CdcDms.Contract.Lake;
using CdcDms.Pipeline.Ledger;
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

    /// <summary>The newest generation; 0 before the first.</summary>
    public async Task<int> NewestGenerationAsync(CancellationToken cancellationToken) =>
        (await session.Ledger.Unproven.BeginAsync(cancellationToken)).Generation;

    /// <summary>Records that a comparison has come to its end, and that its proofs have all keys that differ.</summary>
    /// <param name="whole">The comparison.</param>
    /// <param name="proofs">The proofs' numbers; none where both sides are equal. Some, or all, may be judged by now.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task IsComparedAsync(WholeComparison whole, IReadOnlyList<long> proofs, CancellationToken cancellationToken)
    {
        await using var transaction = await LockedAsync(cancellationToken);
        if (proofs.Count > 0)
            await session.Ledger.Proofs.AreAllAsync(proofs, whole.SinceUtc, cancellationToken);
        // A generation that has begun since is not the one that was compared.
        if (proofs.Count == 0
            || await session.Ledger.Unproven.EndedByAsync(proofs[0], session.Target.HasRegisters, cancellationToken) is not null)
            await EndAsync(whole, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Records that every row is right, in a transaction that holds the table's lock.</summary>
    /// <remarks>
    /// Not while something may still come that is from before the comparison: what a rejected file has, or a refused change of an older
    /// generation, which could be tried again.
    /// </remarks>
    public async Task EndAsync(WholeComparison whole, CancellationToken cancellationToken)
    {
        var record = await session.Ledger.ReadAsync(cancellationToken);
        var floor = (BigInteger)ChangeVersion.FullLoad(whole.Generation).Value - 1;
        // Rows below the floor that a complete generation does not have are still removed then: it must not rise above others meanwhile.
        if (!record.HasOlderRows
            && !await HasRejectedFilesAsync(record, whole.Generation, cancellationToken)
            && !await new ChangeQuarantine(session).HasRefusedUpToAsync(floor, cancellationToken)
            && await session.Ledger.Unproven.EndAsync(whole, cancellationToken)
            && whole.Generation > 1)
        {
            // What comes of an older generation from now on is from before the comparison. Nobody has to look for it any more, and it must
            // not bring a row back that was deleted in between.
            await session.Ledger.Generations.OutdateAsync(floor, cancellationToken);
            var lake = record.Lake is { } uri ? LakeUri.Parse(uri) : null;
            await EndedGenerations.EndAsync(session, record, lake, whole.Generation, floor, cancellationToken);
        }
    }

    // Those of an older generation are from before the comparison, which has found what they have.
    private async Task<bool> HasRejectedFilesAsync(TableRecord record, int generation, CancellationToken cancellationToken)
    {
        var rejected = await session.Ledger.Files.RejectedKeysAsync(cancellationToken);
        return rejected.Any(key => record.Lake is not { } lake || LakeUri.Parse(lake).GenerationOf(key) >= generation);
    }

    private async Task<NpgsqlTransaction> LockedAsync(CancellationToken cancellationToken)
    {
        var transaction = await session.Connection.BeginTransactionAsync(cancellationToken);
        await session.Ledger.LockAsync(shared: false, cancellationToken);
        await session.RefuseOtherBackendAsync(cancellationToken);
        return transaction;
    }
}
