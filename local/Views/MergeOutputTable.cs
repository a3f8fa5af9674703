using Spectre.Console;

namespace CdcDms.Local.Views;

/// <summary>What <c>merge</c> did, as a table.</summary>
internal static class MergeOutputTable
{
    public static void Write(IReadOnlyList<MergeSummary> results)
    {
        string[] counts = ["files", "rejected files", "read", "inserted", "updated", "unchanged", "deleted", "superseded", "stale", "quarantined"];
        var table = Screen.Table("table", counts);
        foreach (var (name, files, rejected, rows, _) in results)
            table.AddRow([Markup.Escape(name), .. Screen.Numbers(files, rejected, rows.Read, rows.Inserted, rows.Updated, rows.Unchanged, rows.Deleted, rows.Superseded, rows.Stale, rows.Quarantined)]);
        AnsiConsole.Write(table);
    }
}
