using CdcDms.Contract.Functions;
using CdcDms.Contract.Tables;
using CdcDms.Local.Remote;
using CdcDms.Local.Views.Live;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Operations;
using CdcDms.Pipeline.Proofs;

namespace CdcDms.Local.Operations;

/// <summary>Proofs of living tables: asked for, and followed until merges have judged them.</summary>
/// <param name="operations">Asks for them.</param>
/// <param name="begin">Begins to wait for merges.</param>
/// <param name="note">Takes a sentence on what is waited for.</param>
internal sealed class ProofFollowing(IOperations operations, Func<IProofWaits> begin, Action<string> note)
{
    private readonly string _run = Guid.NewGuid().ToString();
    private readonly LiveModel _live = new("");

    /// <summary>Shows on a terminal how far the proofs of tables are until the work ends; elsewhere there are notes alone.</summary>
    public Task<T> WatchAsync<T>(IEnumerable<TableDefinition> tables, bool json, Func<Task<T>> start)
    {
        _live.Begin("proving rows between two markers");
        _live.Name(tables.Select(table => table.Source.ToString()));
        return LiveView.WatchAsync(start(), _live, showPlain: () => { }, clears: true, json);
    }

    /// <summary>Has the rows of some keys read.</summary>
    /// <returns>The proofs' numbers.</returns>
    public async Task<IReadOnlyList<long>> AskAsync(
        TableDefinition table, IReadOnlyList<IReadOnlyList<string>> keys, ProofRepair? repair, CancellationToken cancellationToken) =>
        (await operations.AskAsync(new ProveKeysRequest(table.Source.ToString(), _run, keys, repair), cancellationToken)).Proofs;

    /// <summary>Has the rows read in which the newest proof found differences.</summary>
    /// <returns>The proofs' numbers; none when no difference is known.</returns>
    public async Task<IReadOnlyList<long>> AskDifferencesAsync(
        TableDefinition table, ProofRepair? repair, CancellationToken cancellationToken) =>
        (await operations.AskAsync(new ProveDifferencesRequest(table.Source.ToString(), _run, repair), cancellationToken)).Proofs;

    /// <summary>Compares a whole table, and asks for proofs of the rows that differ.</summary>
    /// <param name="table">The table.</param>
    /// <param name="repair">What may be repaired when the proofs are judged; null for nothing.</param>
    /// <param name="mayWait">Whether merges are waited for where they must come before the comparison goes on.</param>
    /// <param name="cancellationToken">Ends the comparison.</param>
    public async Task<FullProof> AskAllAsync(
        TableDefinition table, ProofRepair? repair, bool mayWait, CancellationToken cancellationToken)
    {
        try
        {
            _live.Busy(table.Source.ToString(), "comparing");
            var full = await CompareAsync(table, repair, mayWait, cancellationToken);
            if (full.More is not ComparisonMore.Nothing)
                await GiveUpAsync(table, cancellationToken);
            _live.Rest(table.Source.ToString(), "compared");
            return full;
        }
        catch
        {
            _live.Rest(table.Source.ToString(), "failed", Tone.Bad);
            // The next command is another run, which would have to wait for this one.
            await ((Task)GiveUpAsync(table, CancellationToken.None)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    /// <summary>Waits until the proofs of a table are judged.</summary>
    public async Task<ProofResult> FollowAsync(TableDefinition table, IReadOnlyList<long> proofs, CancellationToken cancellationToken)
    {
        using var waits = begin();
        if (proofs.Count > 0)
            note(waits.Read(table));
        _live.Busy(table.Source.ToString(), "waiting for markers", waits.Usual);
        var result = await ReadAsync(table, proofs, cancellationToken);
        for (var goesOn = true; result.Outcome is null;)
        {
            if (!goesOn)
            {
                _live.Rest(table.Source.ToString(), "pending", Tone.Warning);
                note(waits.Late(table));
                return result;
            }

            goesOn = await waits.WaitAsync(table, cancellationToken);
            result = await ReadAsync(table, proofs, cancellationToken);
        }

        var isProven = result.Outcome is ProofOutcome.Proven;
        _live.Rest(table.Source.ToString(), isProven ? "proven" : "judged", isProven ? Tone.Good : Tone.Warning);
        return result;
    }

    /// <summary>What became of proofs by now.</summary>
    public Task<ProofResult> ReadAsync(TableDefinition table, IReadOnlyList<long> proofs, CancellationToken cancellationToken) =>
        operations.AskAsync(new ProofsRequest(table.Source.ToString(), _run, proofs), cancellationToken);

    private async Task<FullProof> CompareAsync(
        TableDefinition table, ProofRepair? repair, bool mayWait, CancellationToken cancellationToken)
    {
        using var waits = begin();
        for (var goesOn = mayWait; ;)
        {
            var full = await operations.AskAsync(new ProveAllRequest(table.Source.ToString(), _run, repair), cancellationToken);
            if (full.More is ComparisonMore.Nothing || (full.More is ComparisonMore.Merges && !goesOn))
                return full;
            if (full.More is ComparisonMore.Merges)
                goesOn = await waits.WaitAsync(table, cancellationToken);
        }
    }

    private Task<DoneReport> GiveUpAsync(TableDefinition table, CancellationToken cancellationToken) =>
        operations.AskAsync(new GiveUpRequest(table.Source.ToString(), _run), cancellationToken);
}
