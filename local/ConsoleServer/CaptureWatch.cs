using CdcDms.Local.Capture;

namespace CdcDms.Local.ConsoleServer;

/// <summary>Looks at a capture of this program whenever it is asked, and tells what came since a minute ago.</summary>
/// <param name="totals">What was captured so far.</param>
/// <param name="clock">The time.</param>
internal sealed class CaptureWatch(Func<CaptureTotals> totals, TimeProvider clock)
{
    private static readonly TimeSpan Most = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Queue<(DateTime AtUtc, CaptureTotals Totals)> _looks = [];
    private (DateTime AtUtc, CaptureTotals Totals) _last;
    private DateTime? _newestUtc;

    /// <summary>What came since a minute ago, or since the first look of that minute; null at the first look.</summary>
    public CapturedLately? LastMinute()
    {
        lock (_lock)
        {
            var now = (AtUtc: clock.GetUtcNow().UtcDateTime, Totals: totals());
            if (_looks.Count > 0 && now.Totals != _last.Totals)
                _newestUtc = now.AtUtc;
            // Two pages look at about the same time.
            if (_looks.Count == 0 || now.AtUtc - _last.AtUtc > TimeSpan.FromSeconds(1))
                _looks.Enqueue(now);
            _last = now;
            // The last look before the minute stays: what came is counted from it.
            while (_looks.Count > 1 && now.AtUtc - _looks.ElementAt(1).AtUtc >= Most)
                _looks.Dequeue();
            var (sinceUtc, before) = _looks.Peek();
            return now.AtUtc - sinceUtc < TimeSpan.FromSeconds(1) ? null : new CapturedLately
            {
                Seconds = Math.Round((now.AtUtc - sinceUtc).TotalSeconds, 1),
                Rows = now.Totals.SnapshotRows - before.SnapshotRows,
                Changes = now.Totals.ChangesCaptured - before.ChangesCaptured,
                Files = now.Totals.FilesWritten - before.FilesWritten,
                NewestUtc = _newestUtc,
            };
        }
    }
}

/// <summary>What was captured of late.</summary>
internal sealed record CapturedLately
{
    /// <summary>In how many seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Rows of first loads.</summary>
    public required long Rows { get; init; }

    public required long Changes { get; init; }

    /// <summary>Files written into the lake.</summary>
    public required long Files { get; init; }

    /// <summary>About when something came last; null while nothing has since the first look.</summary>
    public required DateTime? NewestUtc { get; init; }
}
