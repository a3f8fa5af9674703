using CdcDms.Local.Views;
using Spectre.Console;

namespace CdcDms.Local.Demo;

/// <summary>
/// Shows a running demo: a live line on a terminal, a line every two seconds elsewhere (on stderr, so that stdout stays the result's).
/// </summary>
internal static class DemoView
{
    private static readonly TimeSpan LiveRefresh = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PlainPause = TimeSpan.FromSeconds(2);

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
                Line(progress), context => UntilAsync(work, progress, LiveRefresh, () => context.Status = Markup.Escape(Line(progress))));
        else
            await UntilAsync(work, progress, PlainPause, () => Console.Error.WriteLine(Line(progress)));
        await work;
    }

    private static async Task UntilAsync(Task work, DemoProgress progress, TimeSpan pause, Action show)
    {
        while (await Task.WhenAny(work, Task.Delay(pause)) != work)
        {
            WriteNews(progress);
            show();
        }

        WriteNews(progress);
    }

    private static void WriteNews(DemoProgress progress)
    {
        while (progress.NextState() is { } state)
            WriteLine("grey", WorkflowView.Line(state));
        while (progress.NextWarning() is { } warning)
            WriteLine("yellow", $"Warning: {warning}");
    }

    private static void WriteLine(string colour, string line)
    {
        if (Screen.IsTerminal)
            AnsiConsole.MarkupLine($"[{colour}]{Markup.Escape(line)}[/]");
        else
            Console.Error.WriteLine(line);
    }

    private static string Line(DemoProgress progress)
    {
        var (captured, merged, lag) = progress.Read();
        return $"{progress.Step}: captured {Screen.Number(captured.SnapshotRows)} rows and "
            + $"{Screen.Number(captured.ChangesCaptured)} changes in {Screen.Number(captured.FilesWritten)} files, merged "
            + $"{Screen.Number(merged.Read)} rows, "
            + (lag is { } behind ? $"lag {behind.TotalSeconds:F0} s" : "nothing merged yet");
    }
}
