using System.Data;
using System.Numerics;
using CdcDms.Contract.Functions;
using CdcDms.Contract.Lake;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Targets;
using Npgsql;

namespace CdcDms.Pipeline.Proofs;

/// <summary>
/// Judges a table's proofs once they are due. The rows of a proof were read after its first marker was settled and before its second was
/// written; once the second is due, the target holds every change that the read saw. So a key that did not change after the first marker
/// must be equal, however busy the table is.
/// </summary>
/// <param name="session">The table, over a connection without a transaction.</param>
/// <param name="lake">The lake from which the table is filled.</param>
internal sealed class ProofJudgement(TargetSession session, LakeUri lake)
{
    /// <summary>What became of the proofs so far.</summary>
    public JudgedProofs Judged { get; private set; } = new();

    private ProofLedger Proofs => session.Ledger.Proofs;

    /// <summary>
    /// Judges all proofs that are due, in the order of their markers. A proof that cannot be judged says why, and keeps nothing from being
    /// merged.
    /// </summary>
    /// <exception cref="NpgsqlException">The server failed, or the connection was lost; the next merge judges.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (await Proofs.OldestOpenAsync(cancellationToken) is { } proof && (proof.IsDue || proof.Hopeless is not null))
            await CloseAsync(proof, cancellationToken);
    }

    private async Task CloseAsync(OpenProof proof, CancellationToken cancellationToken)
    {
        try
        {
            await CloseAsync(proof.Id, open => JudgeAsync(open, cancellationToken), cancellationToken);
        }
        // What the server does to one proof for a day keeps no other waiting.
        catch (Exception fault) when (
            fault is not OperationCanceledException && (IsOfTable(fault) || proof.IsADayOld)
            && session.Connection.State is ConnectionState.Open)
        {
            var why = fault is PostgresException refused ? $"{PostgresWords.Told(refused)}." : fault.Message;
            var notProven = new Judged(ProofOutcome.NotProven, $"The target cannot be compared with what was read: {why}");
            await CloseAsync(proof.Id, _ => Task.FromResult<Judged?>(notProven), cancellationToken);
        }
    }

    private async Task CloseAsync(long id, Func<OpenProof, Task<Judged?>> judge, CancellationToken cancellationToken)
    {
        await using var transaction = await session.Connection.BeginTransactionAsync(cancellationToken);
        await session.Ledger.LockAsync(shared: false, cancellationToken);
        // What was known before the lock may be otherwise by now: another merge may have judged it, or brought a newer generation.
        var judged = await Proofs.OldestOpenAsync(cancellationToken) is { } proof && proof.Id == id ? await judge(proof) : null;
        if (judged is not null)
        {
            await Proofs.CloseAsync(id, judged, cancellationToken);
            if (await session.Ledger.Unproven.EndedByAsync(id, session.Target.HasRegisters, cancellationToken) is { } whole)
                await new ProvenTable(session).EndAsync(whole, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        if (judged is not null)
            Judged = Judged with
            {
                Proofs = Judged.Proofs + 1,
                NotProven = Judged.NotProven + (judged.Outcome is ProofOutcome.NotProven ? 1 : 0),
                KeysDifferent = Judged.KeysDifferent + judged.Different,
                KeysRepaired = Judged.KeysRepaired + judged.Repaired,
                KeysNotJudged = Judged.KeysNotJudged + judged.ChangedSince + judged.Explained,
            };
    }

    /// <returns>Null when the proof is to wait.</returns>
    private async Task<Judged?> JudgeAsync(OpenProof proof, CancellationToken cancellationToken)
    {
        await session.RefuseOtherBackendAsync(cancellationToken);
        await session.RefreshAsync(cancellationToken);
        var record = await session.Ledger.ReadAsync(cancellationToken);
        if (await FaultAsync(proof, record, cancellationToken) is { } fault)
            return new Judged(ProofOutcome.NotProven, fault);
        return proof.IsDue ? await CompareAsync(proof, record, cancellationToken) : null;
    }

    /// <summary>Why nothing can be said; null when the proof holds, or waits.</summary>
    private async Task<string?> FaultAsync(OpenProof proof, TableRecord record, CancellationToken cancellationToken)
    {
        if (proof.Hopeless is { } hopeless)
            return hopeless;
        if (!proof.IsDue)
            return null;
        if (proof.Version is not { } version)
            return "Its first marker did not come through the lake in the table's newest generation; ask for another proof.";
        // Of what was deleted so long ago nobody knows any more whether it was deleted later.
        if (version <= BigInteger.Max(record.Floor, record.PurgeFloor))
            return "Its first marker is older than the deletes that are still remembered; ask for another proof.";
        if (!ProofTable.IsUnchanged(session.Target, proof.Columns))
            return "The target's columns are not those that it had when the rows were read; ask for another proof.";
        return await new MarkerLedger(session.Connection, lake).IsInOrderAsync(cancellationToken)
            ? null
            : "Versions do not follow the order of commits: a later marker has a lower one. Begin a new generation.";
    }

    private async Task<Judged> CompareAsync(OpenProof proof, TableRecord record, CancellationToken cancellationToken)
    {
        var rows = await session.Connection.QueryAsync(
            new ProofSql(session, proof.Columns).Judge, JudgedRow.Read, cancellationToken, proof.Id, proof.Version)
            .ToListAsync(cancellationToken);
        var different = rows.Count(row => row.Kind is not null);
        var (repaired, cause) = proof.Repair is { } repair
            ? await RepairAsync(proof, repair, record, rows, cancellationToken)
            : (0, null);
        return new Judged(different == 0 ? ProofOutcome.Proven : ProofOutcome.Different, cause)
        {
            ChangedSince = rows.Count(row => row.IsNewer),
            Explained = rows.Count(row => row is { IsNewer: false, IsExplained: true }),
            Different = different,
            Repaired = repaired,
        };
    }

    private async Task<(int Repaired, string? Cause)> RepairAsync(
        OpenProof proof, ProofRepair repair, TableRecord record, List<JudgedRow> rows, CancellationToken cancellationToken)
    {
        var removed = rows.Count(row => row.Kind is DifferenceKind.Extra);
        var mayRemove = removed <= repair.MostRemoved;
        var different = rows.Where(row => row.Kind is { } kind && (mayRemove || kind is not DifferenceKind.Extra)).ToList();
        // Rows that are as they were read are raised as well, and absent ones leave a tombstone: what comes late from before the marker
        // finds that they are decided.
        var equal = rows.Where(row => row is { Kind: null, IsNewer: false, IsExplained: false });
        var repairs = new ProofRepairs(session, proof, record);
        List<int> decided = [.. different.Concat(equal).Select(row => row.Place)];
        var (refused, cause) = await repairs.RunAsync(decided, cancellationToken);
        await repairs.CloseLateAsync([.. decided.Except(refused)], cancellationToken);
        string?[] causes =
        [
            mayRemove ? null
                : $"{removed} rows are not at the source any more, and this repair may remove {repair.MostRemoved}; "
                    + "none of them was removed. If they are to go, repair with a higher --most-removed.",
            refused.Count == 0 ? null : $"The target refuses {refused.Count} rows of the source: {cause}.",
        ];
        return (
            different.Count(row => !refused.Contains(row.Place)),
            causes.Any(text => text is not null) ? string.Join(' ', causes.OfType<string>()) : null);
    }

    // Deadlocks, servers that end, lack of resources may be otherwise at the next merge. What is neither of PostgreSQL nor of ours is a
    // defect, and told with the proof.
    private static bool IsOfTable(Exception fault) =>
        fault is PostgresException refused ? refused.SqlState[..2] is not ("08" or "25" or "40" or "53" or "55" or "57" or "58")
        : fault is not NpgsqlException;
}
