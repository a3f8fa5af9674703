using System.Diagnostics;
using CdcDms.Local.Views;
using Spectre.Console;

namespace CdcDms.Local.Demo;

/// <summary>
/// Shows a running demo: a live line on a terminal; elsewhere a line for each step, and for news at most every five seconds (on stderr,
/// so that stdout stays the result's).
/// </summary>
internal static class DemoView
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(200);

    /// <summary>Shows the progress until the work ends.</summary>
    public static async Task<T> WatchAsync<T>(Task<T> work, DemoProgress progress)
    {
        await WatchAsync((Task)work, progress);
        return await work;
    }

    /// <inheritdoc cref="WatchAsync{T}"/>
    public static async Task WatchAsync(Task work, DemoProgress progress)
    {
        if (Screen.IsTerminal)
            await AnsiConsole.Status().Spinner(Spinner.Known.Dots).StartAsync(
                Line(progress), context => UntilAsync(work, progress, () => context.Status = Screen.Cell(Line(progress))));
        else
        {
            var lines = new PlainLines(Screen.Note);
            await UntilAsync(work, progress, () => lines.Show(progress.Step, Counts(progress), Stopwatch.GetElapsedTime(0)));
        }
        await work;
    }

    private static async Task UntilAsync(Task work, DemoProgress progress, Action show)
    {
        while (await Task.WhenAny(work, Task.Delay(Refresh)) != work)
        {
            WriteNews(progress);
            show();
        }

        WriteNews(progress);
    }

    private static void WriteNews(DemoProgress progress)
    {
        while (progress.NextWarning() is { } warning)
            if (Screen.IsTerminal)
                AnsiConsole.MarkupLine($"[yellow]Warning: {Screen.Cell(warning)}[/]");
            else
                Screen.Note($"Warning: {warning}");
    }

    private static string Line(DemoProgress progress) =>
        Counts(progress) is { Length: > 0 } counts ? $"{progress.Step}: {counts}" : progress.Step;

    /// <summary>What has happened so far; empty before anything was captured.</summary>
    internal static string Counts(DemoProgress progress)
    {
        var (captured, merged, age) = progress.Read();
        return captured is { SnapshotRows: 0, ChangesCaptured: 0 } ? "" : $"captured {Screen.Number(captured.SnapshotRows)} rows and "
            + $"{Screen.Number(captured.ChangesCaptured)} changes in {Screen.Count(captured.FilesWritten, "file")}, "
            + (merged.Read == 0 ? "waiting for the first merge" : $"merged {Screen.Number(merged.Read)} rows")
            + (age is { } time ? $", the newest merged change is {time.TotalSeconds:F0} s old" : "");
    }
}
