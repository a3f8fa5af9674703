using System.Diagnostics;
using CdcDms.Contract.Functions;

namespace CdcDms.Pipeline.Merging;

/// <summary>Adds up where the time of a batch goes.</summary>
internal sealed class PhaseClock
{
    private long _last = Stopwatch.GetTimestamp();

    /// <summary>What was measured so far.</summary>
    public MergePhases Phases { get; private set; } = new();

    /// <summary>Books the time since the last booking.</summary>
    public void Listed() => Phases = Phases with { ListSeconds = Phases.ListSeconds + Lap() };

    /// <inheritdoc cref="Listed"/>
    public void Fetched() => Phases = Phases with { FetchSeconds = Phases.FetchSeconds + Lap() };

    /// <inheritdoc cref="Listed"/>
    public void Reduced() => Phases = Phases with { ReduceSeconds = Phases.ReduceSeconds + Lap() };

    /// <inheritdoc cref="Listed"/>
    public void Copied() => Phases = Phases with { CopySeconds = Phases.CopySeconds + Lap() };

    /// <inheritdoc cref="Listed"/>
    public void Merged() => Phases = Phases with { MergeSeconds = Phases.MergeSeconds + Lap() };

    private double Lap()
    {
        var before = _last;
        _last = Stopwatch.GetTimestamp();
        return Math.Round(Stopwatch.GetElapsedTime(before, _last).TotalSeconds, 3);
    }
}
