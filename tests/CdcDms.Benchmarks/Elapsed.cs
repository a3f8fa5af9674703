using System.Diagnostics;

namespace CdcDms.Benchmarks;

/// <summary>Takes the time of work that begins with nothing left to collect.</summary>
internal static class Elapsed
{
    /// <summary>How long some work takes.</summary>
    public static async Task<TimeSpan> OfAsync(Func<Task> work)
    {
        GC.Collect();
        var began = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(began);
    }
}
