using CdcDms.Contract;
using CdcDms.Contract.Functions;
using CdcDms.Local.Workflow;

namespace CdcDms.Local.Views.Live;

/// <summary>What executions of the workflow do, told to a live view.</summary>
/// <param name="model">Is told.</param>
internal sealed class WorkflowNews(LiveModel model)
{
    /// <summary>An event has happened.</summary>
    public void Happened(WorkflowEvent happened)
    {
        Follow(happened);
        // Each batch is followed by such a read, and by the judgement, which counts.
        if (happened is ProofAsked { Output: { Compared: null, Unprovable: null } })
            return;
        foreach (var (text, tone) in Lines(happened, isShort: true))
            model.Say(text, tone);
    }

    /// <summary>The lines of what has happened to rows, proofs and work; none of what has begun, or of what found nothing to do.</summary>
    /// <param name="happened">The event.</param>
    /// <param name="isShort">Whether the time of a batch is told without its phases.</param>
    public static IEnumerable<(string Text, Tone Tone)> Lines(WorkflowEvent happened, bool isShort = false)
    {
        if (WorkflowView.Line(happened, isShort) is { } line && !FoundNothing(happened))
            yield return (line, happened switch
            {
                TaskErred => Tone.Bad,
                TaskRetried or PeopleTold or BatchMerged { Output.FilesRejected: > 0 } => Tone.Warning,
                _ => Tone.Plain,
            });
        if (happened is not BatchMerged { Output: var batch })
            yield break;
        if (batch.Rows.Quarantined is > 0 and var aside)
            yield return (
                $"{batch.Table}: {Screen.Count(aside, "change")} put into the quarantine (look at quarantine list)", Tone.Warning);
        if (batch.Proofs is { Proofs: > 0 } proofs)
            yield return ($"{batch.Table}: {Judged(proofs)}", proofs.KeysDifferent > 0 ? Tone.Bad
                : proofs.NotProven > 0 ? Tone.Warning : Tone.Good);
    }

    private static bool FoundNothing(WorkflowEvent happened) => happened
        is BatchMerged { Output: { Files: 0, FilesRejected: 0, Ways: [], LeftAlone: null } }
        or ProofAsked { Output: { Keys: 0, Compared: null, Unprovable: null, More: ComparisonMore.Nothing } };

    private static string Judged(JudgedProofs proofs) =>
        $"{Screen.Count(proofs.Proofs, "proof")} judged: "
        + (proofs.KeysDifferent == 0 ? "no key differed" : $"{Screen.Count(proofs.KeysDifferent, "key")} differed")
        + (proofs.KeysRepaired > 0 ? $", {Screen.Number(proofs.KeysRepaired)} repaired" : "")
        + (proofs.NotProven > 0 ? $"; of {Screen.Number(proofs.NotProven)} nothing can be said" : "");

    private void Follow(WorkflowEvent happened)
    {
        switch (happened)
        {
            case StateEntered { Table: { } table, State: var state } when WorkflowView.Doing(state) is { } doing:
                model.Busy(table, doing);
                break;
            case TaskRetried { Table: { } table, State: var state, Attempt: var attempt }:
                model.Busy(table, $"{WorkflowView.Doing(state) ?? state}, attempt {attempt + 1}");
                break;
            case TaskErred { Table: { } table, Error: var error }:
                var isParked = error.EndsWith(nameof(ErrorKind.Parked), StringComparison.Ordinal);
                model.Rest(table, isParked ? "parked" : "failed", Tone.Bad);
                break;
            case BatchMerged { Table: var table, Output: var batch }:
                model.Change(table, one => Merged(one, batch));
                break;
            case ProofAsked { Output: { More: ComparisonMore.Nothing } asked }:
                model.Change(asked.Table, one => Asked(one, asked));
                break;
        }
    }

    private static LiveTable Merged(LiveTable table, MergeOutput batch)
    {
        if (batch.LeftAlone is not null)
            return table with { State = "left alone", IsBusy = false, Tone = Tone.Warning };
        var isNewer = batch.LastCommitUtc is { } newest && !(newest <= table.NewestUtc);
        var after = table with
        {
            Done = (table.Done ?? 0) + batch.Rows.Read,
            NewestUtc = isNewer ? batch.LastCommitUtc : table.NewestUtc,
        };
        return batch.More ? after
            : batch.Rows.Quarantined > 0 ? after with { State = "quarantined rows", IsBusy = false, Tone = Tone.Warning }
            : batch.Proofs is { KeysDifferent: > 0 } ? after with { State = "differs", IsBusy = false, Tone = Tone.Bad }
            : after with { State = "merged", IsBusy = false, Tone = Tone.Good };
    }

    // What a comparison found may only be on its way; merges judge it.
    private static LiveTable Asked(LiveTable table, ProveOutput asked) => asked switch
    {
        { Unprovable: not null } => table with { State = "not provable", IsBusy = false, Tone = Tone.Warning },
        { Compared: null } => table with { State = "merged", IsBusy = false, Tone = Tone.Good },
        { Keys: 0 } => table with { State = "equal", IsBusy = false, Tone = Tone.Good },
        _ => table with { State = "to be judged", IsBusy = false, Tone = Tone.Warning },
    };
}
