using CdcDms.Contract.Functions;
using CdcDms.Local.Capture;

namespace CdcDms.Local.Demo;

/// <summary>What a running demo has done so far; written by capture and merge, read by the view.</summary>
internal sealed class DemoProgress : IProgress<CaptureProgress>
{
    private readonly Lock _lock = new();
    private CaptureTotals _before = new(0, 0, 0);
    private CaptureTotals _now = new(0, 0, 0);
    private RowCounts _rows = new();
    private DateTime? _lastCommitUtc;

    /// <summary>What happens now, in a few words.</summary>
    public string Step { get; set; } = "starting";

    /// <summary>Rows and files of all captures of this demo, the fate of the rows merged, and how far analytics is behind the source.</summary>
    public (CaptureTotals Captured, RowCounts Merged, TimeSpan? Lag) Read()
    {
        lock (_lock)
            return (Captured, _rows, DateTime.UtcNow - _lastCommitUtc);
    }

    private CaptureTotals Captured => new(
        _before.SnapshotRows + _now.SnapshotRows, _before.ChangesCaptured + _now.ChangesCaptured, _before.FilesWritten + _now.FilesWritten);

    /// <inheritdoc/>
    public void Report(CaptureProgress value)
    {
        lock (_lock)
            _now = value.Totals;
    }

    /// <summary>A capture has ended with these totals; the next one counts from zero.</summary>
    public void Ended(CaptureTotals totals)
    {
        lock (_lock)
        {
            _now = totals;
            (_before, _now) = (Captured, new CaptureTotals(0, 0, 0));
        }
    }

    /// <summary>A batch was merged.</summary>
    public void Merged(MergeOutput batch)
    {
        lock (_lock)
        {
            _rows += batch.Rows;
            if (batch.LastCommitUtc is { } newest && !(newest < _lastCommitUtc))
                _lastCommitUtc = newest;
        }
    }
}
