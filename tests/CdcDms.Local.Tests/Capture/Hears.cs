using System.Collections.Concurrent;
using CdcDms.Local.Capture;

namespace CdcDms.Local.Tests.Capture;

/// <summary>Hears a capture's progress at once; <see cref="Progress{T}"/> would hear it later, on another thread.</summary>
internal sealed class Hears(Action<CaptureProgress> step) : IProgress<CaptureProgress>
{
    public void Report(CaptureProgress value) => step(value);

    /// <summary>Cancels once so many changes are in the lake.</summary>
    public static Hears CancelAfter(int changes, CancellationTokenSource cancel) =>
        new(step =>
        {
            if (step.Totals.ChangesCaptured >= changes)
                cancel.Cancel();
        });

    /// <summary>Keeps the warnings.</summary>
    public static Hears Warnings(ConcurrentQueue<string> told) => new(step =>
    {
        if (step.Warning is { } warning)
            told.Enqueue(warning);
    });
}
