using CdcDms.Pipeline.Operations;
using Spectre.Console;

namespace CdcDms.Local.Views;

/// <summary>The open changes of the quarantine, as a table; their values are too long for one.</summary>
internal static class QuarantineView
{
    /// <param name="database">The analytics database, as a person calls it.</param>
    /// <param name="changes">Its open changes.</param>
    public static void Write(string database, IReadOnlyList<QuarantineEntry> changes)
    {
        if (changes.Count == 0)
        {
            Screen.Line($"The quarantine of {database} is empty.");
            return;
        }

        var table = Screen.Table("id", "table", "since (UTC)", "reason", "operation");
        table.AddColumn("error");
        foreach (var change in changes)
            table.AddRow(
                $"{change.Id}",
                Screen.Cell(change.Target),
                Screen.Time(change.QuarantinedUtc),
                Screen.Cell(change.Reason),
                Screen.Cell(change.Operation ?? "–"),
                Screen.Cell(change.Told ?? "only --json shows it: it may hold values"));
        AnsiConsole.Write(table);
    }
}
