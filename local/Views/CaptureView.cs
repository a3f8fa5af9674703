using System.Diagnostics;
using CdcDms.Local.Capture;
using CdcDms.Local.Views.Live;

namespace CdcDms.Local.Views;

/// <summary>
/// A capture's progress: a live view on a terminal; elsewhere lines on stderr, at most one every two seconds, and none when nothing new was
/// read; warnings always.
/// </summary>
internal sealed class CaptureView : IProgress<CaptureProgress>
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private readonly Lock _lock = new();
    private readonly LiveModel _live;
    private readonly CaptureNews _news;
    private long _last;
    private (CapturePhase, CaptureTotals)? _shown;
    private volatile CaptureTotals? _totals;

    public CaptureView()
    {
        _live = new LiveModel("rows captured") { Counts = () => _totals is { } totals ? Counts(totals) : "" };
        _news = new CaptureNews(_live);
    }

    /// <summary>Shows the progress until the capture ends.</summary>
    /// <param name="tables">The source tables.</param>
    /// <param name="start">Starts the capture, which tells this view of itself.</param>
    public Task<T> WatchAsync<T>(IEnumerable<string> tables, Func<Task<T>> start)
    {
        _live.Begin("beginning the capture");
        _live.Name(tables);
        return LiveView.WatchAsync(start(), _live, showPlain: () => { });
    }

    public void Report(CaptureProgress value)
    {
        _totals = value.Totals;
        _news.Report(value);
        if (!Screen.IsLive)
            Tell(value);
    }

    private void Tell(CaptureProgress value)
    {
        lock (_lock)
        {
            var now = (value.Phase, value.Totals);
            if (now == _shown || (value.Phase == _shown?.Item1 && Stopwatch.GetElapsedTime(_last) < Pause))
                return;
            (_last, _shown) = (Stopwatch.GetTimestamp(), now);
            Screen.Note($"{(value.Phase == CapturePhase.Snapshot ? "snapshot" : "stream")}: {Counts(value.Totals)}");
        }
    }

    private static string Counts(CaptureTotals totals) =>
        $"{Screen.Count(totals.SnapshotRows, "row")}, {Screen.Count(totals.ChangesCaptured, "change")}, "
        + Screen.Count(totals.FilesWritten, "file");
}
