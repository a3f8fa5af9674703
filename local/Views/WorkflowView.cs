using CdcDms.Contract.Functions;
using CdcDms.Local.Workflow;
using Spectre.Console;

namespace CdcDms.Local.Views;

/// <summary>What <c>workflow</c> shows, in words: the names of states are the state machine's own.</summary>
internal static class WorkflowView
{
    /// <summary>
    /// What has happened, in one line; null when it says nothing to somebody who does not know the state machine, as that something begins.
    /// </summary>
    /// <param name="happened">The event.</param>
    /// <param name="isShort">Whether the time of a batch is told without its phases.</param>
    public static string? Line(WorkflowEvent happened, bool isShort = false) => happened switch
    {
        TaskErred at => $"{Subject(at.Table)} {Work(at.State) ?? at.State} failed: {FailureSentence.Of(at.Error, at.Cause)}",
        TaskRetried at => $"{Subject(at.Table)} {Work(at.State) ?? at.State} again (attempt {at.Attempt + 1})",
        BatchMerged { Output.LeftAlone: { } left } => left,
        BatchMerged { Output: { Files: 0, FilesRejected: 0, Ways: [] } output } => $"{output.Table}: nothing new",
        BatchMerged { Output: var output } =>
            $"{output.Table}: merged {Screen.Number(output.Rows.Read)} rows of {Files(output)}"
            + $" {BatchTime.Of(output.Phases, isShort ? null : output.Ways)}"
            + (output.FilesRejected > 0 ? $", {output.FilesRejected} rejected" : "") + (output.More ? "; more wait" : ""),
        ChangesReduced reduced =>
            $"{reduced.Table}: reduced {Screen.Number(reduced.Read)} changes to {Screen.Number(reduced.Left)}"
            + " (DuckDB in the place of Spark, by the same SQL)",
        ProofAsked { Output: { Unprovable: { } why } } => why,
        ProofAsked { Output: { More: ComparisonMore.Time } output } => $"{output.Table}: the comparison goes on in another call",
        ProofAsked { Output: { More: ComparisonMore.Merges } output } =>
            $"{output.Table}: the comparison goes on once merges have judged some of its proofs",
        ProofAsked { Output: { Keys: 0 } output } => $"{output.Table}: {(output.Compared is null ? "no row to prove" : "no row differs")}",
        ProofAsked { Output: var output } =>
            $"{output.Table}: read {(output.Keys == 1 ? "1 row" : $"{Screen.Number(output.Keys)} rows")} for a proof",
        PeopleTold told => $"message to people: {told.Subject}: {told.Message}",
        _ => null,
    };

    private static string Files(MergeOutput output) => output.Files switch
    {
        0 => "a part of a file",
        1 => "1 file",
        var files => $"{files} files",
    };

    /// <summary>How the execution ended: the failure, or a table of what became of proofs or was read for them.</summary>
    public static void Write(WorkflowResult result)
    {
        if (result is not WorkflowSucceeded { Tables: var tables })
        {
            var failed = (WorkflowFailed)result;
            Screen.Line($"Failed: {FailureSentence.Of(failed.Error, failed.Cause)}");
            return;
        }

        AnsiConsole.Write(tables.Any(report => report.Keys is not null) ? Asked(tables) : Judged(tables));
        foreach (var report in tables.Where(report => report.LeftAlone is not null))
            Screen.Line(report.LeftAlone!);
        foreach (var report in tables.Where(report => report.Incomplete is not null))
            Screen.Line($"{report.Table}: {report.Incomplete}");
        foreach (var report in tables.Where(report => report.Cause is not null))
            Screen.Line($"{report.Table} was merged and not proven: {FailureSentence.Of(report.Error ?? "", report.Cause)}");
    }

    private static Table Judged(IReadOnlyList<TableReport> tables)
    {
        var table = Screen.Table("table", "proofs judged", "not proven", "keys different", "repaired", "not judged");
        foreach (var (name, proofs, _, _, _, _, _, _) in tables)
            table.AddRow(
            [
                Screen.Cell(name),
                .. new long?[]
                {
                    proofs?.Proofs ?? 0, proofs?.NotProven, proofs?.KeysDifferent, proofs?.KeysRepaired, proofs?.KeysNotJudged,
                }.Select(Screen.OptionalNumber),
            ]);
        return table;
    }

    private static Table Asked(IReadOnlyList<TableReport> tables)
    {
        var table = Screen.Table("table", "rows read for proofs");
        foreach (var report in tables)
            table.AddRow(Screen.Cell(report.Table), Screen.OptionalNumber(report.Unprovable is null ? report.Keys : null));
        return table;
    }

    /// <summary>What a state does for its table, in a word or two; null of states that only choose and write down.</summary>
    public static string? Doing(string state) => state switch
    {
        "Plan" => "looking",
        "Groups" or "MergeGroup" => "first load",
        "Merge" or "MergeLeft" => "merging",
        "Reduce" => "reducing",
        WorkflowNames.ProveState => "proving rows",
        WorkflowNames.ProveTableState => "comparing",
        _ => null,
    };

    private static string Subject(string? table) => $"{table ?? "the workflow"}:";

    // The calls of the state machines; their other states only choose and write down.
    private static string? Work(string state) => state switch
    {
        WorkflowNames.MergeMarkersState => "merging markers",
        "Plan" => "looking for files of a first load",
        "Groups" => "merging the first load, groups of files side by side",
        "MergeGroup" => "merging a group of files",
        "Merge" => "merging what is new",
        "Reduce" => "reducing what is new",
        "MergeLeft" => "merging what is left",
        WorkflowNames.ProveState => "reading rows for a proof",
        WorkflowNames.ProveTableState => "comparing the whole table",
        _ => null,
    };
}
