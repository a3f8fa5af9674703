using CdcDms.Pipeline.Ledger;
using Spectre.Console;

namespace CdcDms.Local.Views;

/// <summary>Where tables stand, as a table and a line for each thing that somebody should know.</summary>
internal static class StatusView
{
    /// <param name="database">The analytics database, as a person calls it.</param>
    /// <param name="given">The option that says where it is.</param>
    /// <param name="tables">Where its tables stand.</param>
    public static void Write(string database, string given, IReadOnlyList<TableStatus> tables)
    {
        if (tables.Count == 0)
        {
            Screen.Line($"Nothing was merged into {database} yet: if something was, correct {given}; merge fills it.");
            return;
        }

        var table = Screen.Table(
            "table", "state", "last batch (UTC)", "its changes", "last drained (UTC)", "fresh until (UTC)", "quarantined", "rejected files",
            "proven (UTC)");
        foreach (var status in tables)
            table.AddRow(
                Screen.Cell(status.Target), State(status.State), Screen.Time(status.LastBatch?.CommittedUtc),
                Changes(status.LastBatch), Screen.Time(status.DrainedUtc),
                Freshness(status),
                Screen.Number(status.Quarantined), Screen.Number(status.RejectedFiles.Count),
                status.Unproven.Count == 0 ? Screen.Time(status.ProvenUtc) : "[yellow]no[/]");
        AnsiConsole.Write(table);
        foreach (var line in tables.SelectMany(Lines))
            Screen.Line(line);
    }

    private static string Freshness(TableStatus status) => status is { FreshUntilUtc: { } until, FreshnessSeconds: { } seconds }
        ? $"{Screen.Time(until)}, {Screen.Age(TimeSpan.FromSeconds(seconds))} ago" : Screen.Time(null);

    private static string Changes(BatchStatus? batch) => batch is null ? Screen.Time(null)
        : Screen.Number(batch.Rows.Read) + (batch.Course is { } course ? $" {BatchTime.Of(course.Phases, course.Ways)}" : "");

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
            yield return $"{status.Target}: {file.Key} was rejected: {file.Told ?? "--json shows why: it may hold values"}";
        if (status.Unproven.Count > 0)
            yield return $"{status.Target} is unproven: {string.Join("; ", Causes(status.Unproven))}. "
                + "A proof of the whole table ends that (repair --all, or validate --lake)."
                + (status.Quarantined + status.RejectedFiles.Count > 0 ? " Close what is quarantined or rejected first." : "");
    }

    /// <summary>
    /// Why a table is unproven. That a generation began is known once its first files are merged, so its load would be told before it.
    /// </summary>
    internal static IEnumerable<string> Causes(IReadOnlyList<Unproven> causes)
    {
        var began = causes.Where(cause => cause.Cause is UnprovenCause.GenerationBegan).Select(cause => cause.Subject).ToHashSet();
        var loaded = causes.Where(cause => cause.Cause is UnprovenCause.Loaded).Select(cause => cause.Subject).ToHashSet();
        return causes
            .Where(cause => cause.Cause is not UnprovenCause.GenerationBegan || !loaded.Contains(cause.Subject))
            .Select(cause => cause.Cause is UnprovenCause.Loaded && began.Contains(cause.Subject)
                ? $"generation {cause.Subject} began, and its full load was merged at {Screen.Time(cause.SinceUtc)}"
                : Cause(cause));
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
