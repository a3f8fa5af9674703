using System.Diagnostics;
using CdcDms.Local.Capture;

namespace CdcDms.Local.Views;

/// <summary>
/// A capture's progress as plain lines on stderr, at most one every two seconds, and none when nothing new was read; warnings always.
/// </summary>
internal sealed class CaptureView : IProgress<CaptureProgress>
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);
    private readonly Lock _lock = new();
    private long _last;
    private (CapturePhase, CaptureTotals)? _shown;

    public void Report(CaptureProgress value)
    {
        lock (_lock)
        {
            if (value.Warning is { } warning)
                Screen.Note($"Warning: {warning}");
            var now = (value.Phase, value.Totals);
            if (now == _shown || (value.Phase == _shown?.Item1 && Stopwatch.GetElapsedTime(_last) < Pause))
                return;
            (_last, _shown) = (Stopwatch.GetTimestamp(), now);
            Screen.Note(
                $"{(value.Phase == CapturePhase.Snapshot ? "snapshot" : "stream")}: {Screen.Count(value.Totals.SnapshotRows, "row")}, "
                + $"{Screen.Count(value.Totals.ChangesCaptured, "change")}, {Screen.Count(value.Totals.FilesWritten, "file")}");
        }
    }
}
