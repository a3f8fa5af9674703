using CdcDms.Contract.Functions;
using Spectre.Console;

namespace CdcDms.Local.Views;

/// <summary>How the pipeline is: a line for each thing that is wrong, and a table of the tables.</summary>
internal static class HealthView
{
    public static void Write(HealthReport report)
    {
        var table = Screen.Table(
            "table", "state", "last batch (UTC)", "fresh", "files waiting", "quarantined", "unreadable files", "proven (UTC)");
        foreach (var one in report.Tables)
            table.AddRow(
                Screen.Cell(one.Table),
                one.State == TableHealth.Parked ? "[red]parked[/]" : Screen.Cell(one.State),
                Screen.Time(one.LastBatchUtc),
                one.FreshnessSeconds is { } age ? $"{Screen.Age(TimeSpan.FromSeconds(age))} ago" : Screen.Time(null),
                Waiting(one),
                Screen.Number(one.Quarantined),
                Screen.Number(one.FilesUnreadable),
                one.UnprovenSinceUtc is null ? Screen.Time(one.ProvenUtc) : "[yellow]no[/]");
        if (report.Tables.Count > 0)
            AnsiConsole.Write(table);
        if (report.Replication is { } replication)
            Screen.Line(
                $"DMS: the {replication.Name} is {replication.Status}, with {Screen.Number(replication.Tables)} tables, of which "
                + $"{Screen.Number(replication.Loading)} are loading and {Screen.Number(replication.TablesNotReplicating)} are not "
                + "replicating.");
        foreach (var slot in report.Source?.Slots ?? [])
            Screen.Line($"Slot {slot.Name} is {(slot.IsActive ? "" : "not ")}read, and keeps {(slot.RetainedBytes ?? 0) >> 20} MB of WAL.");
        foreach (var secret in report.Secrets)
            Screen.Line(
                $"The secret of the {secret.Database} database was changed {Screen.Age(report.CheckedUtc - secret.ChangedUtc)} ago, and is "
                + (secret.RotationDueUtc is { } due ? $"to be rotated by {Screen.Time(due)} (UTC)." : "not rotated by itself."));
        foreach (var finding in report.Findings)
            Screen.Line($"{Word(finding.Severity)}: {finding.Reason} Runbook: {report.RunbookPage}#{finding.Runbook}");
        if (LeftOut(report) is { } more)
            Screen.Line(more);
        AnsiConsole.MarkupLine(report.Healthy
            ? "[green]Everything was looked at, and nothing is wrong.[/]"
            : $"[{(report.Findings[0].Severity is HealthSeverity.Critical ? "red" : "yellow")}]"
                + $"{Screen.Number(Findings(report))} to look at.[/]");
    }

    /// <summary>What is not shown, as a sentence; null when everything is.</summary>
    internal static string? LeftOut(HealthReport report) => report.LeftOut is not { } more ? null
        : $"Left out here, as an answer holds no more: {Screen.Number(more.Critical)} critical, {Screen.Number(more.Warnings)} "
            + $"{(more.Warnings == 1 ? "warning" : "warnings")} and {Screen.Count(more.Tables, "table")}. The log of the function has all.";

    /// <summary>How many things are wrong, also those that are not shown.</summary>
    internal static int Findings(HealthReport report) =>
        report.Findings.Count + (report.LeftOut is { } more ? more.Critical + more.Warnings : 0);

    private static string Waiting(TableHealth table) => table.FilesWaiting switch
    {
        null => Screen.Time(null),
        0 => Screen.Number(0),
        var files => $"{Screen.Number(files.Value)}, oldest {Screen.Age(TimeSpan.FromSeconds(table.OldestWaitingFileSeconds ?? 0))}",
    };

    private static string Word(HealthSeverity severity) => severity is HealthSeverity.Critical ? "critical" : "warning";
}
