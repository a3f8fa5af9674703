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
    public static Hears AllWarnings(ConcurrentQueue<string> told) => Kept(told, _ => true);

    /// <summary>
    /// Keeps the warnings, but not what the capture waits for: a new slot waits for all transactions of the server, also those of other
    /// tests.
    /// </summary>
    public static Hears Warnings(ConcurrentQueue<string> told) =>
        Kept(told, warning => !warning.StartsWith("The capture waits for ", StringComparison.Ordinal));

    private static Hears Kept(ConcurrentQueue<string> told, Func<string, bool> isKept) => new(step =>
    {
        if (step.Warning is { } warning && isKept(warning))
            told.Enqueue(warning);
    });
}
