using CdcDms.Contract;
using CdcDms.Contract.Tables;
using CdcDms.Local.Operations;
using CdcDms.Local.Remote;
using CdcDms.Local.Views;
using CdcDms.Pipeline.Ledger;
using CdcDms.Pipeline.Operations;

namespace CdcDms.Local.ConsoleServer;

/// <summary>Does what a page may ask for, by the same requests as the verbs of the command line.</summary>
/// <param name="places">Where it is done.</param>
internal sealed class CureWork(ConsolePlaces places)
{
    private IOperations Operations => places.Operations;

    /// <summary>Does it.</summary>
    /// <param name="order">What.</param>
    /// <param name="target">To which table.</param>
    /// <param name="tell">Takes how far it is.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What came of it.</returns>
    /// <exception cref="CdcDmsException">It could not be done.</exception>
    public Task<CureResult> DoAsync(CureOrder order, TableName target, Action<string> tell, CancellationToken cancellationToken) =>
        order.Kind switch
        {
            CureKind.Resume => ResumeAsync(target, cancellationToken),
            CureKind.Repair => RepairAsync(target, isWhole: false, tell, cancellationToken),
            CureKind.RepairAll => RepairAsync(target, isWhole: true, tell, cancellationToken),
            CureKind.Retry => RetryAsync(target, order.Ids, cancellationToken),
            CureKind.Drop => DropAsync(target, order.Ids, cancellationToken),
            CureKind.Reload => ReloadAsync(target, tell, cancellationToken),
            _ => throw new ArgumentOutOfRangeException(nameof(order), order.Kind, "No such cure."),
        };

    /// <summary>The definition of a table.</summary>
    /// <exception cref="CdcDmsException">It has none.</exception>
    public async Task<TableDefinition> DefinitionAsync(TableName target, CancellationToken cancellationToken)
    {
        var list = await Operations.AskAsync(new TablesRequest(), cancellationToken);
        return list.Tables.FirstOrDefault(table => table.TargetName == target)
            ?? throw new CdcDmsException(
                ErrorKind.BadDefinition,
                $"No definition that can be used has the target {target}: correct the definitions. "
                + (list.Faults is [var fault, ..] ? fault.Message : ""));
    }

    private async Task<CureResult> ResumeAsync(TableName target, CancellationToken cancellationToken)
    {
        var report = await Operations.AskAsync(new ResumeRequest(target, Consent.None, Sweep: false), cancellationToken);
        return report.Outcome is ResumeOutcome.WentOn
            ? new CureResult(true, $"The next merge goes on with {target}.")
            : new CureResult(true, $"{target} is not parked, and has no rejected file; nothing was done.");
    }

    private async Task<CureResult> RepairAsync(
        TableName target, bool isWhole, Action<string> tell, CancellationToken cancellationToken)
    {
        var table = await DefinitionAsync(target, cancellationToken);
        var following = new ProofFollowing(Operations, places.Waits, tell);
        tell($"The rows of {table.Source} are read at the source.");
        var repair = new ProofRepair();
        var full = isWhole ? await following.AskAllAsync(table, repair, mayWait: true, cancellationToken) : null;
        var proofs = full?.Proofs ?? await following.AskDifferencesAsync(table, repair, cancellationToken);
        if (proofs.Count == 0 && !isWhole)
            return new CureResult(true, $"No difference of {target} is known, so nothing was read.");
        var summary = ProofSummary.Of(table, await following.FollowAsync(table, proofs, cancellationToken), full);
        return new CureResult(summary.Outcome is ProofOutcome.Proven || summary.IsCured(), Told(summary));
    }

    private static string Told(ProofSummary summary)
    {
        var different = summary.Missing + summary.Extra + summary.Changed;
        var outcome = summary switch
        {
            { Outcome: null } => $"The proof is pending: {Screen.Count(summary.Pending ?? 0, "key")} wait for later markers.",
            { Outcome: ProofOutcome.Proven } => "Every row that could be judged is right; there was nothing to repair.",
            { Outcome: ProofOutcome.Different } =>
                $"{Screen.Count(different ?? 0, "row")} differed, and {Screen.Number(summary.Repaired ?? 0)} of these were repaired.",
            _ => "Nothing was proven.",
        };
        var others = ProofView.NotJudged(summary) is { } why ? $"Otherwise: {why}." : null;
        return string.Join(' ', new[] { outcome, summary.Cause, others }.OfType<string>());
    }

    private async Task<CureResult> RetryAsync(TableName target, IReadOnlyList<long>? ids, CancellationToken cancellationToken)
    {
        var table = await DefinitionAsync(target, cancellationToken);
        var result = await Operations.AskAsync(new RetryRequest(table.Source.ToString(), ids), cancellationToken);
        return new CureResult(
            result.Open == 0,
            $"{Screen.Count(result.Closed, "change")} applied or outdated"
                + (result.Open == 0 ? "." : $", {Screen.Number(result.Open)} still refused: the reasons are in the quarantine."));
    }

    // A number of another table is a page that is old or wrong.
    private async Task<CureResult> DropAsync(TableName target, IReadOnlyList<long>? ids, CancellationToken cancellationToken)
    {
        if (ids is not { Count: > 0 })
            throw new CdcDmsException(ErrorKind.BadDefinition, "Name the changes to give up, by their numbers.");
        foreach (var id in ids)
            if (!(await Operations.AskAsync(new QuarantineRequest(id), cancellationToken)).Changes.Any(
                change => change.Target == target.ToString()))
                throw new CdcDmsException(
                    ErrorKind.Conflict, $"The quarantine of {target} has no open change {id}: look at it again.");
        var report = await Operations.AskAsync(new DropRequest(ids), cancellationToken);
        return new CureResult(true, $"{Screen.Count(report.Dropped, "change")} given up; {target} is unproven until a full proof.");
    }

    private async Task<CureResult> ReloadAsync(TableName target, Action<string> tell, CancellationToken cancellationToken)
    {
        if (places.ReloadAsync is not { } reload)
            throw new CdcDmsException(
                ErrorKind.BadDefinition, "DMS loads tables again, and there is none here: compare the whole table and repair it instead.");
        var table = await DefinitionAsync(target, cancellationToken);
        tell($"DMS loads {table.Source} again.");
        await reload(table, cancellationToken);
        return new CureResult(true, $"{table.Source} was loaded again and merged; the next merges judge what differs, and repair it.");
    }
}
