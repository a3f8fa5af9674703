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

    // Rows whose keys were read, and of which no proof was asked yet.
    private readonly List<(DifferentRow Row, IReadOnlyList<string> Key)> _read = [];

    /// <summary>Asks for proofs until no row is left, or until something keeps it from going on.</summary>
    /// <param name="sides">Both sides.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="buckets">Buckets in which the rows are, one bit each.</param>
    /// <param name="state">How far the comparison is.</param>
    /// <param name="pace">How long to go on.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What keeps it, and the state of the comparison by now.</returns>
    public async Task<(ComparisonMore More, ComparisonState State)> AskAsync(
        ComparisonSides sides, DifferentRows rows, byte[] buckets, ComparisonState state, ScanPace pace,
        CancellationToken cancellationToken)
    {
        var more = ComparisonMore.Nothing;
        while (!rows.AreNone || _read.Count > 0)
        {
            more = !pace.MayGoOn() ? ComparisonMore.Time
                : await asking.AreTooManyOpenAsync(cancellationToken) ? ComparisonMore.Merges : ComparisonMore.Nothing;
            if (more is not ComparisonMore.Nothing)
                break;
            if (_read.Count < ProofAsking.MostKeys && !rows.AreNone)
                state = await ReadAsync(sides, rows, buckets, state, cancellationToken);
            if (_read.Count >= ProofAsking.MostKeys || rows.AreNone)
                state = await AskAsync(state, cancellationToken);
        }

        // A few proofs go on being asked for in the time that is left; the other keys are read again.
        if (more is ComparisonMore.Time)
            state = await AskAsync(state, cancellationToken);
        _read.ForEach(one => rows.Add(one.Row));
        _read.Clear();
        return (more, state);
    }

    private async Task<ComparisonState> ReadAsync(
        ComparisonSides sides, DifferentRows rows, byte[] buckets, ComparisonState state, CancellationToken cancellationToken)
    {
        var (inAnalytics, some) = rows.Take(MostRowsAtOnce);
        var side = inAnalytics ? sides.Target : sides.Source;
        RowHash Hash(DifferentRow row) => (inAnalytics ? row.Target : row.Source)!.Value;
        var details = await side.Scan.ReadDetailsAsync(side.Sql, some.Select(Hash), buckets, withValues: false, cancellationToken);
        var names = side.Values.Where(value => value.IsKey).Select(value => value.Name).ToList();
        var order = key.Select(name => names.IndexOf(name)).ToList();
        var (gone, hasPartialKeys) = (state.Gone, state.HasPartialKeys);
        foreach (var row in some)
            if (!details.TryGetValue((Hash(row).Key, Hash(row).Row), out var detail))
                gone += inAnalytics || !rows.LookInAnalytics(row) ? 1 : 0;
            else if (order.TrueForAll(column => detail.Key[column] is not null))
                _read.Add((row, [.. order.Select(column => detail.Key[column]!)]));
            else
                hasPartialKeys = true;
        return state with { Gone = gone, HasPartialKeys = hasPartialKeys };
    }

    private async Task<ComparisonState> AskAsync(ComparisonState state, CancellationToken cancellationToken)
    {
        var keys = _read.Take(ProofAsking.MostKeys).Select(one => one.Key).ToList();
        if (keys.Count == 0)
            return state;
        var proof = await asking.AskSomeAsync(keys, repair, state.Proofs.Count == 0 ? null : state.Proofs[0], cancellationToken);
        _read.RemoveRange(0, keys.Count);
        return state with { Proofs = [.. state.Proofs, proof], Keys = state.Keys + keys.Count };
    }
}
