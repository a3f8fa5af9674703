using CdcDms.Contract.Functions;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Validation;

namespace CdcDms.Pipeline.Proofs;

/// <summary>Reads the keys of rows that differ, range by range, and asks for proofs of them.</summary>
/// <param name="asking">Asks for proofs.</param>
/// <param name="key">The target's key columns, in the order in which keys are asked for.</param>
/// <param name="repair">What may be repaired when the proofs are judged; null for nothing.</param>
internal sealed class DifferenceAsking(ProofAsking asking, IReadOnlyList<string> key, ProofRepair? repair)
{
    // A range is read anew for every so many rows in it that differ.
    private const int MostRowsAtOnce = 100_000;

    /// <summary>Asks for proofs until no row is left, or until something keeps it from going on.</summary>
    /// <returns>What keeps it, and the state of the comparison by now.</returns>
    public async Task<(ComparisonMore More, ComparisonState State)> AskAsync(
        ComparisonSides sides, DifferentRows rows, ComparisonState state, ScanPace pace, CancellationToken cancellationToken)
    {
        var (more, keys) = (ComparisonMore.Nothing, new List<IReadOnlyList<string>>());
        while (!rows.AreNone)
        {
            more = !pace.MayGoOn() ? ComparisonMore.Time
                : await asking.AreTooManyOpenAsync(cancellationToken) ? ComparisonMore.Judgement : ComparisonMore.Nothing;
            if (more is not ComparisonMore.Nothing)
                break;
            state = await ReadAsync(sides, rows, keys, state, cancellationToken);
            for (; keys.Count >= ProofAsking.MostKeys; keys.RemoveRange(0, ProofAsking.MostKeys))
                state = await AskAsync(keys[..ProofAsking.MostKeys], state, cancellationToken);
        }

        return (more, keys.Count == 0 ? state : await AskAsync(keys, state, cancellationToken));
    }

    private async Task<ComparisonState> ReadAsync(
        ComparisonSides sides, DifferentRows rows, List<IReadOnlyList<string>> keys, ComparisonState state,
        CancellationToken cancellationToken)
    {
        var (inAnalytics, some) = rows.Take(MostRowsAtOnce);
        var side = inAnalytics ? sides.Target : sides.Source;
        RowHash Hash(DifferentRow row) => (inAnalytics ? row.Target : row.Source)!.Value;
        var details = await side.Scan.ReadDetailsAsync(side.Sql, some.Select(Hash), withValues: false, cancellationToken);
        var names = side.Values.Where(value => value.IsKey).Select(value => value.Name).ToList();
        var order = key.Select(name => names.IndexOf(name)).ToList();
        var (gone, hasPartialKeys) = (state.Gone, state.HasPartialKeys);
        foreach (var row in some)
            if (!details.TryGetValue((Hash(row).Key, Hash(row).Row), out var detail))
                gone += inAnalytics || !rows.LookInAnalytics(row) ? 1 : 0;
            else if (order.TrueForAll(column => detail.Key[column] is not null))
                keys.Add([.. order.Select(column => detail.Key[column]!)]);
            else
                hasPartialKeys = true;
        return state with { Gone = gone, HasPartialKeys = hasPartialKeys };
    }

    private async Task<ComparisonState> AskAsync(
        IReadOnlyList<IReadOnlyList<string>> keys, ComparisonState state, CancellationToken cancellationToken)
    {
        var proof = await asking.AskSomeAsync(keys, repair, state.Proofs.Count == 0 ? null : state.Proofs[0], cancellationToken);
        return state with { Proofs = [.. state.Proofs, proof], Keys = state.Keys + keys.Count };
    }
}
