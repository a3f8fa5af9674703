using System.Diagnostics;
using CdcDms.Local.Views;
using CdcDms.Local.Views.Live;

namespace CdcDms.Local.Demo;

/// <summary>
/// Shows a running demo: a live view on a terminal; elsewhere a line for each step, and for news at most every five seconds (on stderr,
/// so that stdout stays the result's).
/// </summary>
internal static class DemoView
{
    /// <summary>Shows the progress until the work ends.</summary>
    /// <param name="work">The work.</param>
    /// <param name="progress">What it tells.</param>
    /// <param name="json">Whether a program reads stdout.</param>
    public static Task<T> WatchAsync<T>(Task<T> work, DemoProgress progress, bool json)
    {
        var lines = new PlainLines(Screen.Note);
        return LiveView.WatchAsync(
            work, progress.Live, () => lines.Show(progress.Live.Step, progress.Counts(), Stopwatch.GetElapsedTime(0)), json: json);
    }

    /// <summary>Shows the progress until the work ends.</summary>
    public static Task WatchAsync(Task work, DemoProgress progress)
    {
        return WatchAsync(EndAsync(), progress, json: false);

        async Task<bool> EndAsync()
        {
            await work;
            return true;
        }
    }
}
