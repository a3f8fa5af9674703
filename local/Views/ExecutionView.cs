using System.Diagnostics;
using CdcDms.Local.Views.Live;

namespace CdcDms.Local.Views;

/// <summary>Shows that an execution at AWS goes on: a live view on a terminal; elsewhere a line every minute.</summary>
/// <param name="what">What goes on, as the beginning of a line.</param>
internal sealed class ExecutionView(string what)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly LiveModel _live = new("");
    private TimeSpan _next = Pause;

    /// <summary>Shows it until it has ended.</summary>
    public Task<T> WatchAsync<T>(Task<T> work)
    {
        _live.Begin(what);
        return LiveView.WatchAsync(work, _live, ShowPlain, clears: true);
    }

    private void ShowPlain()
    {
        if (Stopwatch.GetElapsedTime(_began) is var elapsed && elapsed < _next)
            return;
        _next += Pause;
        Screen.Note($"{what}: runs for {Screen.Age(elapsed)}");
    }
}
