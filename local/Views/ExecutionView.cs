using System.Diagnostics;

namespace CdcDms.Local.Views;

/// <summary>Shows that an execution at AWS goes on: a live line on a terminal; elsewhere a line every minute.</summary>
/// <param name="what">What goes on, as the beginning of a line.</param>
internal sealed class ExecutionView(string what)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly long _began = Stopwatch.GetTimestamp();
    private TimeSpan _next = Pause;

    /// <summary>Shows it until it has ended.</summary>
    public Task<T> WatchAsync<T>(Task<T> work) => Screen.WatchAsync(work, Line, ShowPlain);

    private string Line() => $"{what}: runs for {Screen.Age(Stopwatch.GetElapsedTime(_began))}";

    private void ShowPlain()
    {
        if (Stopwatch.GetElapsedTime(_began) is var elapsed && elapsed < _next)
            return;
        _next += Pause;
        Screen.Note(Line());
    }
}
