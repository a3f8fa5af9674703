using CdcDms.Contract;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Postgres;
using CdcDms.Pipeline.Quarantine;
using CdcDms.Pipeline.Statements;
using CdcDms.Pipeline.Targets;

namespace CdcDms.Pipeline.Proofs;

/// <summary>
/// Makes rows of the target as a proof has read them: as changes of the version of its first marker, so that later changes win over them
/// and earlier ones lose to them, whatever the order in which they come.
/// </summary>
/// <param name="session">The table, in the transaction in which the proof is judged.</param>
/// <param name="proof">The proof.</param>
/// <param name="record">The table's record.</param>
internal sealed class ProofRepairs(TargetSession session, OpenProof proof, TableRecord record)
{
    private readonly ProofSql _sql = new(session, proof.Columns);

    /// <summary>Repairs. Rows that the target refuses do not keep the others from it.</summary>
    /// <param name="places">The rows' places in the proof.</param>
    /// <param name="cancellationToken">Ends the repair.</param>
    /// <returns>The places of rows that are refused, and what PostgreSQL said of the first.</returns>
    /// <exception cref="CdcDmsException">The counts do not balance.</exception>
    public async Task<(IReadOnlySet<int> Refused, string? Cause)> RunAsync(
        IReadOnlyList<int> places, CancellationToken cancellationToken)
    {
        if (places.Count == 0)
            return (new HashSet<int>(), null);
        var merge = _sql.Merge(await session.PlacedAsync(record, cancellationToken));
        await session.Connection.ExecuteAsync(merge.Staging.Create, cancellationToken);
        await session.Connection.ExecuteAsync(
            _sql.Stage(merge), cancellationToken, proof.Id, places.ToArray(), proof.Version, proof.CommittedUtc);
        var trial = new StagedMerge(session, record.Floor, inLayers: false, fillsGaps: false) { IsTrial = true };
        var refused = await new RefusedChanges(session.Connection, merge).MoveAsync(trial, cancellationToken);
        if (refused.Count > RefusedChange.MostInBatch)
            return (places.ToHashSet(), $"more than {RefusedChange.MostInBatch} at once, so that none was repaired; {refused[0].Error}");

        var staged = places.Count - refused.Count;
        var rows = await new StagedMerge(session, record.Floor, inLayers: false, fillsGaps: false)
            .RunAsync(merge, staged, cancellationToken) with
        { Read = staged };
        if (!rows.Balance())
            throw new CdcDmsException(
                ErrorKind.BadData,
                $"{session.Table.Source}: the rows of proof {proof.Id} do not balance ({rows}); nothing was repaired. "
                + "Please report this defect.");
        await session.Connection.ExecuteAsync(StagingSql.Drop, cancellationToken);
        await session.Ledger.Files.RecordAsync([], rows, removed: 0, course: null, cancellationToken);
        return (refused.Select(change => (int)change.Place).ToHashSet(), refused.Count > 0 ? refused[0].Error : null);
    }

    /// <summary>
    /// Closes changes that were put aside as late, of rows that are as they were read: the read decides what became of them.
    /// </summary>
    /// <param name="places">The rows' places in the proof.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task CloseLateAsync(IReadOnlyList<int> places, CancellationToken cancellationToken) =>
        session.Connection.ExecuteAsync(_sql.CloseLate, cancellationToken, proof.Id, places.ToArray(), proof.Version);
}
