using Spectre.Console;

namespace CdcDms.Local.Views;

/// <summary>What <c>merge</c> did, as a table.</summary>
internal static class MergeView
{
    public static void Write(IReadOnlyList<MergeSummary> results)
    {
        var table = Screen.Table(
            "table", "files", "rejected "
            + "files", "read", "inserted", "updated", "unchanged", "deleted", "superseded", "stale", "quarantined");
        foreach (var (name, files, rejected, rows, _) in results)
        {
            var numbers = Screen.Numbers(
                files,
                rejected,
                rows.Read,
                rows.Inserted,
                rows.Updated,
                rows.Unchanged,
                rows.Deleted,
                rows.Superseded,
                rows.Stale,
                rows.Quarantined);
            table.AddRow([Screen.Cell(name), .. numbers]);
        }

        AnsiConsole.Write(table);
    }
}
