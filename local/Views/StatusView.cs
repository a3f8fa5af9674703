using CdcDms.Pipeline.Ledger;
using Spectre.Console;

namespace CdcDms.Local.Views;

/// <summary>Where tables stand, as a table and a line for each thing that somebody should know.</summary>
internal static class StatusView
{
    public static void Write(IReadOnlyList<TableStatus> tables)
    {
        if (tables.Count == 0)
        {
            Screen.Line("Nothing was merged into this database yet.");
            return;
        }

        var table = Screen.Table(
            "table", "state", "last batch (UTC)", "last drained (UTC)", "fresh until (UTC)", "quarantined", "rejected files",
            "proven (UTC)");
        foreach (var status in tables)
            table.AddRow(
                Screen.Cell(status.Target), State(status.State), Screen.Time(status.LastBatchUtc), Screen.Time(status.DrainedUtc),
                Freshness(status),
                Screen.Number(status.Quarantined), Screen.Number(status.RejectedFiles.Count),
                status.Unproven.Count == 0 ? Screen.Time(status.ProvenUtc) : "[yellow]no[/]");
        AnsiConsole.Write(table);
        foreach (var line in tables.SelectMany(Lines))
            Screen.Line(line);
    }

    private static string Freshness(TableStatus status) => status is { FreshUntilUtc: { } until, FreshnessSeconds: { } seconds }
        ? $"{Screen.Time(until)}, {Screen.Age(TimeSpan.FromSeconds(seconds))} ago" : Screen.Time(null);

    private static string State(TableState state) => state switch
    {
        TableState.Parked => "[red]parked[/]",
        TableState.Replicating => "[green]replicating[/]",
        _ => "loading",
    };

    private static IEnumerable<string> Lines(TableStatus status)
    {
        if (status.ParkedCause is { } cause)
            yield return $"{status.Target} is parked: {cause}";
        foreach (var file in status.RejectedFiles)
            yield return $"{status.Target}: {file.Key} was rejected: {file.Reason}";
        if (status.Unproven.Count > 0)
            yield return $"{status.Target} is unproven: {string.Join("; ", status.Unproven.Select(Cause))}. "
                + "A proof of the whole table ends that (repair --all, or validate --lake)."
                + (status.Quarantined + status.RejectedFiles.Count > 0 ? " Close what is quarantined or rejected first." : "");
    }

    private static string Cause(Unproven unproven)
    {
        var what = unproven.Cause switch
        {
            UnprovenCause.GenerationBegan => $"generation {unproven.Subject} began",
            UnprovenCause.Loaded => $"a full load of generation {unproven.Subject} was merged",
            UnprovenCause.Resumed => "it was resumed",
            UnprovenCause.ColumnAdded => $"the column {unproven.Subject} was added",
            UnprovenCause.ColumnWidened => $"the column {unproven.Subject} got a wider type",
            UnprovenCause.ChangeDropped => "quarantined changes were dropped",
            _ => "quarantined changes were merged",
        };
        return $"{what} at {Screen.Time(unproven.SinceUtc)}";
    }
}
